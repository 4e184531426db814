"""The limits hold over all that was begun, also over what was cancelled or whose worker died."""

from __future__ import annotations

import pytest
from flask import Flask

from app.extensions import db
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from tests.jobs.engine_rows import seen_job, set_job


def enqueue() -> tuple[str, str]:
    """Return the ids of a generation and of its job."""
    row = ImageGeneratorService().enqueue(GenerationRequest("A fox"))
    found = row.id, str(row.job)
    db.session.remove()
    return found


def test_what_was_begun_keeps_its_place_when_it_is_cancelled(context: Flask) -> None:
    _, job = enqueue()
    set_job(job, status="PENDING", started_at_epoch_ms=5)
    job_queue().cancel([job])
    assert seen_job(job) == ("PENDING", "generations", 5)


@pytest.mark.parametrize("state", ["ENQUEUED", "DELAYED"])
def test_what_waits_is_taken_from_the_queue(context: Flask, state: str) -> None:
    _, job = enqueue()
    set_job(job, status=state)
    job_queue().cancel([job])
    assert seen_job(job) == ("CANCELLED", None, None)


def test_what_a_dead_worker_began_still_counts(context: Flask) -> None:
    (_, begun), (_, waits), (_, ended) = enqueue(), enqueue(), enqueue()
    set_job(begun, status="PENDING", executor_id="dead", started_at_epoch_ms=5)
    set_job(ended, status="SUCCESS", started_at_epoch_ms=5)
    job_queue().bury([begun, waits, ended])
    assert seen_job(begun) == ("ERROR", "generations", 5)
    assert seen_job(waits) == ("CANCELLED", None, None)
    assert seen_job(ended) == ("SUCCESS", "generations", 5)
