"""Turns of a generation that has a job: tried again, taken over, one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from ulid import ULID

from app.extensions import db
from app.models import Generation, Image, Status
from app.models.types import utc_now
from app.providers import base
from app.services import patience
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.turn import Turn
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE
from tests.pictures import picture


def enqueue(n: int = 1) -> Generation:
    return ImageGeneratorService().enqueue(GenerationRequest("A fox", n=n))


def run(row: Generation, runner: str = "worker") -> Generation:
    """Run the present job of a generation, as a worker does."""
    db.session.refresh(row)
    turn = Turn(row.job, runner)
    db.session.commit()
    return ImageGeneratorService().run(row.id, turn)


def test_a_busy_provider_is_asked_again_by_a_new_job(context: Flask) -> None:
    install(context, base.RateLimited("Later.", retry_after=9), picture())
    row = enqueue()
    first = row.job
    waiting = run(row)
    assert (waiting.status, waiting.attempts, waiting.retries) == ("queued", 1, 1)
    assert (waiting.error_code, waiting.lease_until, waiting.runner) == ("rate_limited", None, None)
    assert waiting.next_try_at is not None
    assert waiting.next_try_at > utc_now() + timedelta(seconds=8)
    assert waiting.job != first
    assert job_queue().waiting([str(first), str(waiting.job)]) == {first, waiting.job}
    done = run(row)
    assert (done.status, done.attempts, done.retries, done.next_try_at) == (
        "succeeded",
        2,
        0,
        None,
    )
    assert (done.error_code, done.cost_microusd) == (None, 0)


def test_a_job_that_is_not_its_present_one_changes_nothing(context: Flask) -> None:
    provider = install(context, base.RateLimited("Later."))
    row = enqueue()
    old = Turn(row.job, "worker")
    run(row)
    assert ImageGeneratorService().run(row.id, old).attempts == 1
    assert len(provider.requests) == 1


def test_after_enough_tries_it_fails_with_the_providers_reason(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(retries=2)
    with app.app_context():
        provider = install(app, base.RateLimited("Later."), base.ProviderUnreachable("No way."))
        row = enqueue()
        states = [run(row).status.value for _ in range(4)]
        assert states == ["queued", "queued", "queued", "failed"]
        assert (row.error_code, row.error_retryable) == ("provider_unavailable", True)
        assert row.retried == {"rate_limited": 1, "unreachable": 2}
        assert len(provider.requests) == 4


@pytest.mark.parametrize("in_a_batch", [False, True])
def test_a_rate_limit_is_waited_for_as_long_as_a_turn(
    make_app: Callable[..., Flask], in_a_batch: bool
) -> None:
    app = make_app(retries=1, max_queue_hours=1)
    with app.app_context():
        install(app, base.RateLimited("Later."))
        row = enqueue()
        row.batch_id = str(ULID()) if in_a_batch else None
        db.session.commit()
        assert [run(row).status.value for _ in range(3)] == ["queued"] * 3
        row.created_at = utc_now() - timedelta(hours=2)
        db.session.commit()
        assert run(row).status == ("queued" if in_a_batch else "failed")
        assert row.error_code == "rate_limited"


def test_a_permanent_failure_ends_it_at_once(context: Flask) -> None:
    install(context, base.QuotaExhausted("Used up."))
    row = run(enqueue())
    assert (row.status, row.attempts, row.error_code) == ("failed", 1, "quota_exhausted")


def test_what_a_worker_has_no_key_for_is_left_to_another(context: Flask) -> None:
    provider = install(context, picture())
    row = enqueue()
    first = row.job
    row.provider, row.model = "gemini", "gemini-3-pro-image"
    db.session.commit()
    waiting = run(row)
    assert (waiting.status, waiting.attempts, waiting.retries) == ("queued", 0, 0)
    assert (waiting.error_code, waiting.started_at, provider.requests) == (None, None, [])
    assert waiting.next_try_at is not None
    assert waiting.next_try_at > utc_now()
    assert waiting.job != first
    assert job_queue().waiting([str(waiting.job)])


def test_what_was_given_up_is_not_paid_for_again(context: Flask) -> None:
    provider = install(
        context,
        picture(),
        base.ProviderBadAnswer("Cut.", may_be_billed=True),
        base.RateLimited("Later."),
        picture(),
    )
    row = enqueue(n=3)
    assert run(row).status == "queued"
    done = run(row)
    assert [request.ordinal for request in provider.requests] == [0, 1, 2, 2]
    assert (done.status, done.done, done.error_code) == ("succeeded", 2, "provider_bad_answer")
    assert done.cost_microusd is None, "the provider may have billed the one that was cut"


def test_one_who_was_taken_over_ends_nothing_but_keeps_what_was_paid(context: Flask) -> None:
    def taken_over() -> bytes:
        with db.engine.begin() as connection:
            connection.execute(update(Generation).values(attempts=2, runner="another"))
        return picture()

    install(context, taken_over)
    row = run(enqueue())
    assert (row.status, row.runner, row.done, len(row.images)) == ("running", "another", 1, 1)


def test_under_a_limit_each_picture_is_a_turn_of_its_own(make_app: Callable[..., Flask]) -> None:
    app = make_app(pictures_per_minute=100)
    with app.app_context():
        provider = install(app, picture(), base.ContentBlocked("No."), picture())
        row = enqueue(n=3)
        states = [(run(row).status.value, len(provider.requests)) for _ in range(3)]
        assert states == [("queued", 1), ("queued", 2), ("succeeded", 3)]
        assert (row.done, row.error_code, row.attempts) == (2, "content_blocked", 3)


@ON_SQLITE
def test_a_picture_is_saved_once_the_database_is_back(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.01)

    def away() -> bytes:
        db.session.connection().exec_driver_sql("PRAGMA query_only=ON")
        db.session.rollback()
        return picture()

    install(context, away)
    row = enqueue()
    seen = iter([True, True])

    def come_back(seconds: float) -> None:
        if not next(seen, False):
            db.session.connection().exec_driver_sql("PRAGMA query_only=OFF")
            db.session.rollback()

    monkeypatch.setattr(patience.time, "sleep", come_back)
    assert run(row).status == "succeeded"


@ON_SQLITE
def test_while_the_database_stays_away_the_lease_runs_out(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> bytes:
        db.session.connection().exec_driver_sql("PRAGMA query_only=ON")
        db.session.rollback()
        return picture()

    monkeypatch.setattr("app.services.turn.PATIENCE_SECONDS", 0.0)
    install(context, away)
    row = enqueue()
    with pytest.raises(OperationalError):
        run(row)
    db.session.connection().exec_driver_sql("PRAGMA query_only=OFF")
    db.session.rollback()
    row = db.session.scalars(select(Generation)).one()
    assert (row.status, db.session.scalars(select(Image)).all()) == (Status.RUNNING, [])
