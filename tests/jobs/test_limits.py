"""The limits hold over all that was begun, also over what was cancelled or whose worker died."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import ConfigurationError
from app.extensions import db
from app.jobs.engine import QUEUE
from app.models import Generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.workers import sign_off, sign_on
from tests.fakes.providers import install
from tests.jobs.conftest import working
from tests.jobs.engine_rows import seen_job, set_job
from tests.pictures import picture
from tests.processes import wait_until


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


def test_a_worker_with_other_limits_than_those_at_work_is_refused(
    make_app: Callable[..., Flask],
) -> None:
    first = make_app(pictures_per_minute=60)
    with working(first, "first"):
        pass
    with first.app_context():
        token = sign_on("another")
    changed = make_app(max_running_in_all=5, max_running=2)
    with (
        changed.app_context(),
        pytest.raises(ConfigurationError, match="PER_MINUTE is 60 there and none here") as caught,
    ):
        job_queue().worker("second").run()
    assert "PROOFSHEET_MAX_RUNNING_IN_ALL is none there and 5 here" in str(caught.value)
    assert "PER_MODEL" not in str(caught.value)
    with working(make_app(pictures_per_minute=60, max_running=7), "third"):
        pass
    with changed.app_context():
        sign_off(token)
    with working(changed, "fourth"):
        pass


def test_a_worker_keeps_to_its_own_limit(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_running=2)
    lock, at_once, most = threading.Lock(), [0], [0]

    def draw() -> bytes:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.1)
        with lock:
            at_once[0] -= 1
        return picture()

    with app.app_context():
        install(app, draw)
        ids = [enqueue()[0] for _ in range(6)]
        with working(app):
            # What another worker registers is not this one's.
            engine = app.extensions["jobs"]
            engine.client.register_queue(QUEUE, polling_interval_sec=0.05)
            assert wait_until(lambda: all(ended(each) for each in ids))
    assert most == [2]


def ended(generation_id: str) -> bool:
    with db.engine.connect() as connection:
        query = select(Generation.finished_at).where(Generation.id == generation_id)
        return connection.scalar(query) is not None
