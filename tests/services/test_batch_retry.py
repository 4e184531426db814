"""What failed of a batch is asked for again as a batch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.errors import Busy, Conflict, NotFound
from app.extensions import db
from app.models import Batch, Generation, Role
from app.models.forgetting import FORGOTTEN
from app.services.batch_retry import retry_batch
from app.services.batches import find_batch, submit_batch
from app.services.generation_request import GenerationRequest
from app.services.idempotency import once
from app.services.job_queue import job_queue
from app.services.keys import create_key
from tests.models.samples import ON_SQLITE


def batch_of(*statuses: str) -> str:
    """Return the id of a batch whose generations stand so."""
    asked = [
        GenerationRequest(f"Fox {number}", n=2, size="512", seed=number)
        for number in range(len(statuses))
    ]
    batch = submit_batch(asked, name="Foxes", project="zoo")
    for row, status in zip(rows(batch.id), statuses, strict=True):
        db.session.execute(update(Generation).where(Generation.id == row.id).values(status=status))
    db.session.commit()
    return batch.id


def rows(batch_id: str) -> list[Generation]:
    query = select(Generation).where(Generation.batch_id == batch_id)
    return list(db.session.scalars(query.order_by(Generation.id)))


def test_all_that_failed_or_was_cancelled_is_asked_for_again(context: Flask) -> None:
    old = batch_of("failed", "succeeded", "cancelled", "queued")
    key = create_key("Ada", Role.CREATOR)[0].id
    new = retry_batch(old, key)
    assert (new.name, new.project, new.total, new.pictures) == ("Foxes", "zoo", 2, 4)
    asked = rows(old)
    again = rows(new.id)
    assert [row.retry_of for row in again] == [asked[0].id, asked[2].id]
    assert [(row.prompt, row.n, row.size, row.seed) for row in again] == [
        ("Fox 0", 2, "512", 0),
        ("Fox 2", 2, "512", 2),
    ]
    assert {(row.status, row.api_key_id) for row in again} == {("queued", key)}
    jobs = {str(row.job) for row in again}
    assert job_queue().waiting(sorted(jobs)) == jobs


@ON_SQLITE
def test_where_nothing_failed_there_is_nothing_to_ask_again(context: Flask) -> None:
    old = batch_of("succeeded", "running", "failed")
    db.session.execute(update(Generation).values(final_prompt=FORGOTTEN))
    db.session.commit()
    with pytest.raises(Conflict, match="Nothing of the batch failed"):
        retry_batch(old)
    with pytest.raises(NotFound):
        retry_batch("nowhere")


@ON_SQLITE
def test_a_key_asks_again_once(context: Flask) -> None:
    old = batch_of("failed")
    asked = once(create_key("Ada", Role.CREATOR)[0].id, "again", "retry")
    first = retry_batch(old, asked.api_key_id, asked).id
    assert retry_batch(old, asked.api_key_id, asked).id == first == find_batch(asked)
    assert db.session.scalar(select(func.count()).select_from(Batch)) == 2


@ON_SQLITE
def test_all_of_it_or_nothing_is_recorded(make_app: Callable[..., Flask]) -> None:
    with make_app(max_queued=3).app_context():
        old = batch_of("failed", "failed", "queued")
        submit_batch([GenerationRequest("A hare")])
        with pytest.raises(Busy):
            retry_batch(old)
        assert db.session.scalar(select(func.count()).select_from(Batch)) == 2
