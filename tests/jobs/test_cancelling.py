"""Generations that are cancelled while a worker looks after them: no image appears afterwards."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.errors import Conflict
from app.extensions import db
from app.jobs import worker as worker_module
from app.models import Generation, Image, Worker
from app.providers.base import RateLimited
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.waiting import wait_for_end
from tests.fakes.providers import install
from tests.jobs.conftest import working
from tests.pictures import picture
from tests.processes import PATIENCE_SECONDS, wait_until


class Slow:
    """A picture that takes until it is let go, and tells when it was begun."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> bytes:
        self.begun.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        return picture()


def enqueue(n: int = 1) -> str:
    generation_id = ImageGeneratorService().enqueue(GenerationRequest("A fox", n=n)).id
    db.session.remove()
    return generation_id


def seen(generation_id: str, *columns: str) -> tuple[object, ...]:
    """Return columns of a generation, as another connection sees them."""
    with db.engine.connect() as connection:
        wanted = [getattr(Generation, column) for column in columns]
        return tuple(connection.execute(select(*wanted).filter_by(id=generation_id)).one())


def images() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Image)) or 0


def test_one_that_waits_behind_another_is_never_begun(make_app: Callable[..., Flask]) -> None:
    app, slow = make_app(max_running=1), Slow()
    with app.app_context():
        provider = install(app, slow)
        first, second = enqueue(), enqueue()
        with working(app):
            assert slow.begun.wait(PATIENCE_SECONDS)
            cancel_generation(second)
            db.session.remove()
            slow.let_go.set()
            assert wait_for_end(first, PATIENCE_SECONDS)
        assert seen(second, "status", "attempts", "cost_microusd") == ("cancelled", 0, 0)
        assert (images(), len(provider.requests)) == (1, 1)


def test_one_that_is_being_drawn_keeps_what_it_has_and_gets_no_more(
    context: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    provider = install(context, picture(), slow, picture())
    generation_id = enqueue(n=3)
    with working(context):
        assert slow.begun.wait(PATIENCE_SECONDS)
        cancel_generation(generation_id)
        db.session.remove()
        slow.let_go.set()
    assert seen(generation_id, "status", "done") == ("cancelled", 1)
    assert (images(), len(provider.requests)) == (1, 2)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_one_that_waits_to_be_tried_again_is_not(context: Flask) -> None:
    provider = install(context, RateLimited("Later.", retry_after=0), picture())
    generation_id = enqueue()
    with working(context):
        assert wait_until(lambda: seen(generation_id, "retries", "status") == (1, "queued"))
        job = str(seen(generation_id, "job")[0])
        cancel_generation(generation_id)
        assert job_queue().waiting([job]) == set()
        db.session.remove()
    assert seen(generation_id, "status", "next_try_at") == ("cancelled", None)
    assert (images(), len(provider.requests)) == (0, 1)


def test_one_that_has_ended_stays_as_it_is(context: Flask) -> None:
    install(context, picture())
    generation_id = enqueue()
    with working(context):
        assert wait_for_end(generation_id, PATIENCE_SECONDS)
    with pytest.raises(Conflict):
        cancel_generation(generation_id)
    assert (*seen(generation_id, "status"), images()) == ("succeeded", 1)


def test_what_takes_too_long_for_a_worker_that_ends_is_handed_back(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "DRAIN_SECONDS", 1)
    slow = Slow()
    install(context, slow, picture())
    generation_id = enqueue()
    with working(context, "one"):
        assert slow.begun.wait(PATIENCE_SECONDS)
    assert seen(generation_id, "status", "runner", "lease_until") == ("queued", None, None)
    with working(context, "two"):
        assert wait_for_end(generation_id, PATIENCE_SECONDS)
    slow.let_go.set()
    assert wait_until(lambda: not any("executor" in each.name for each in threading.enumerate()))
    assert seen(generation_id, "status", "done", "attempts") == ("succeeded", 1, 2)
    assert images() == 1


def test_a_worker_that_finishes_what_is_under_way_is_taken_for_dead_by_nobody(
    make_app: Callable[..., Flask],
) -> None:
    app, slow = make_app(worker_silence=2), Slow()
    with app.app_context():
        provider = install(app, slow, picture())
        generation_id = enqueue()
        worker = job_queue().worker("one")
        thread = threading.Thread(target=worker.run)
        thread.start()
        assert slow.begun.wait(PATIENCE_SECONDS)
        worker.stop()
        beats = set()

        def beaten() -> bool:
            with db.engine.connect() as connection:
                beats.add(connection.scalar(select(Worker.seen_at)))
            return len(beats) > 3  # one round may have been under way

        try:
            assert wait_until(beaten)
        finally:
            slow.let_go.set()
            thread.join()
        assert seen(generation_id, "status", "attempts") == ("succeeded", 1)
        assert len(provider.requests) == 1
