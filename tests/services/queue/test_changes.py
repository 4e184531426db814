"""The text that names how the queue looks: another one whenever a card could look different."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.models import Batch, Generation
from app.models.generation import new_id
from app.models.types import utc_now
from app.services.batches import cancel_batch, submit_batch
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.queue.changes import queue_revision
from app.services.workers import sign_on
from tests.models.samples import generation, kept_image


def change(row: Generation, **columns: object) -> None:
    db.session.execute(update(Generation).where(Generation.id == row.id).values(**columns))
    db.session.commit()


CHANGES: dict[str, Callable[[Generation, Generation], object]] = {
    "one more is asked for": lambda _waiting, _running: generation(),
    "one is begun": lambda waiting, _: change(waiting, status="running", attempts=1),
    "one has a picture more": lambda _, running: change(running, done=1),
    "one fails": lambda _, running: change(running, status="failed", error_code="internal"),
    "one is cancelled": lambda waiting, _: cancel_generation(waiting.id),
    "one is tried again later": lambda waiting, _: change(
        waiting, attempts=1, next_try_at=utc_now() + timedelta(minutes=1)
    ),
    "a picture is kept": lambda _waiting, _running: kept_image(),
    "a worker comes": lambda _waiting, _running: sign_on("one", "sketch"),
    "a batch is asked for": lambda _waiting, _running: submit_batch([GenerationRequest("A fox")]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_another_one_when(context: Flask, name: str) -> None:
    at = utc_now() - timedelta(seconds=5)
    waiting, running = (
        generation(id=new_id(at), status=status, created_at=at, n=3)
        for status in ("queued", "running")
    )
    before = queue_revision()
    assert queue_revision() == before
    CHANGES[name](waiting, running)
    assert queue_revision() != before


def test_it_is_another_one_when_a_batch_is_cancelled(context: Flask) -> None:
    batch = submit_batch([GenerationRequest("A fox"), GenerationRequest("A hare")])
    before = queue_revision()
    cancel_batch(batch.id)
    assert db.session.get_one(Batch, batch.id).cancelled_at
    assert queue_revision() != before


def test_it_is_read_from_few_rows(context: Flask, statements: list[str]) -> None:
    generation()
    statements.clear()
    queue_revision()
    assert len([each for each in statements if each.startswith("SELECT")]) == 7
