"""Each generation that ends has one line in the log, whoever ends it, and so has each call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.logs import working_for
from app.models import Generation
from app.models.types import utc_now
from app.providers import base
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.recovery import expire_waiting
from app.services.turn import Turn
from tests.fakes.providers import drawn, install
from tests.log import Log, logging_to
from tests.models.samples import ON_SQLITE, generation
from tests.pictures import picture

WORDS = "a red fox"


def enqueue(n: int = 1) -> Generation:
    """Commit a generation with a job, for a request named abc."""
    with working_for("abc"):
        return ImageGeneratorService().enqueue(GenerationRequest(WORDS, n=n))


def run(row: Generation) -> Generation:
    db.session.refresh(row)
    turn = Turn(row.job, "a worker")
    db.session.commit()
    return ImageGeneratorService().run(row.id, turn)


def told(log: Log, event: str = "generation") -> dict[str, Any]:
    """Return the only line of an event, without what differs each time."""
    [line] = log.lines(event)
    times = {"time", "queue_ms", "duration_ms"} & line.keys()
    assert all(line.pop(name) is not None for name in times)
    return line


def test_calls_and_generation_bear_the_id_of_their_request(context: Flask) -> None:
    install(context, drawn(picture(), cost_microusd=39_000))
    row = enqueue(n=2)
    with logging_to() as log:
        run(row)
    assert told(log) == {
        "level": "info",
        "event": "generation",
        "request_id": "abc",
        "generation_id": row.id,
        "status": "succeeded",
        "provider": "sketch",
        "model": "sketch-1",
        "n": 2,
        "images": 2,
        "cost_usd": 0.078,
        "attempts": 1,
        "error_code": None,
        "key_id": None,
    }
    first, second = log.lines("provider_call")
    assert first.pop("duration_ms") >= 0
    assert first.pop("time")
    assert first == {
        "level": "info",
        "event": "provider_call",
        "request_id": "abc",
        "generation_id": row.id,
        "provider": "sketch",
        "model": "sketch-1",
        "status": "succeeded",
        "attempt": 1,
        "error_code": None,
    }
    assert second["request_id"] == "abc"


def test_a_failed_call_is_told_and_the_generation_only_when_it_ends(context: Flask) -> None:
    install(context, base.RateLimited(WORDS), base.ContentBlocked(WORDS, reason=WORDS))
    row = enqueue()
    with logging_to() as log:
        run(row)
    call = log.lines("provider_call")[0]
    assert (call["status"], call["error_code"], call["attempt"]) == ("failed", "rate_limited", 1)
    assert log.lines("generation") == []
    with logging_to() as log:
        run(row)
    line = told(log)
    assert (line["status"], line["error_code"], line["attempts"]) == (
        "failed",
        "content_blocked",
        2,
    )
    assert WORDS not in log.text


def test_a_fault_while_drawing_is_told_without_its_words(context: Flask) -> None:
    install(context, ValueError(WORDS))
    row = enqueue()
    with logging_to() as log, pytest.raises(ValueError, match=WORDS):
        run(row)
    assert told(log)["error_code"] == log.lines("provider_call")[0]["error_code"] == "internal"
    assert WORDS not in log.text


def test_a_cancelled_one_that_never_ran_is_told(context: Flask) -> None:
    row = enqueue()
    with logging_to() as log:
        cancel_generation(row.id)
    [line] = log.lines("generation")
    assert (line["status"], line["images"], line["attempts"]) == ("cancelled", 0, 0)
    assert line["duration_ms"] is None
    assert line["queue_ms"] >= 0


def test_each_that_waited_too_long_is_told(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_queue_hours=1)
    with app.app_context():
        ids = [enqueue().id for _ in range(3)]
        db.session.execute(update(Generation).values(created_at=utc_now() - timedelta(hours=2)))
        db.session.commit()
        with logging_to() as log:
            expire_waiting()
        lines = log.lines("generation")
    assert sorted(line["generation_id"] for line in lines) == ids
    assert {line["error_code"] for line in lines} == {"expired"}


def test_one_whose_runner_died_is_told(context: Flask) -> None:
    generation(status="running", lease_until=utc_now() - timedelta(seconds=1))
    with logging_to() as log:
        ImageGeneratorService().fail_interrupted()
    assert log.lines("generation")[0]["error_code"] == "interrupted"


@ON_SQLITE
def test_an_end_that_is_not_committed_is_not_told(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = enqueue()

    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr(db.session, "commit", fail)
    with logging_to() as log, pytest.raises(RuntimeError):
        cancel_generation(row.id)
    db.session.rollback()
    assert log.lines() == []


@ON_SQLITE
def test_where_the_settings_say_so_the_prompt_is_told(make_app: Callable[..., Flask]) -> None:
    app = make_app(log_prompts=True)
    with app.app_context():
        install(app)
        row = enqueue()
        with logging_to() as log:
            run(row)
    assert told(log)["prompt"] == WORDS
    assert all(WORDS not in str(line) for line in log.lines("provider_call"))
