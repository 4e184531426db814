"""What each regular task removes, and what it leaves."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import ApiKey, Event, IdempotencyKey, Image, Role, WebhookDelivery, space
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.housekeeping.engine_jobs import ENGINE_JOBS
from app.services.housekeeping.request_keys import REQUEST_KEYS
from app.services.housekeeping.room import ROOM
from app.services.housekeeping.task import Task
from app.services.housekeeping.trash import TRASH
from app.services.housekeeping.webhooks import WEBHOOKS
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.purge import purge_images
from tests.jobs.engine_rows import kept_jobs, set_job
from tests.models.samples import ON_SQLITE, deleted_image, generation, kept_image

DAY = timedelta(days=1)


def done(task: Task) -> int:
    """Run a task to its end; return how many it removed, as many as it counted."""
    counted = task.count()
    removed, finished = task.run(math.inf)
    assert finished
    assert removed == counted
    return removed


@pytest.mark.parametrize(
    "state", ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
)
def test_of_the_engines_jobs_those_go_that_ended_long_ago(context: Flask, state: str) -> None:
    names = [enqueue() for _ in range(4)]
    old, young, waiting, begun = names
    set_job(old, status=state, completed_at=ago(hours=25))
    set_job(young, status=state, completed_at=ago(hours=23))
    set_job(begun, status="PENDING")
    assert done(ENGINE_JOBS) == 1
    assert kept_jobs() == {young, waiting, begun}
    assert job_queue().waiting(names) == {waiting, begun}
    assert done(ENGINE_JOBS) == 0


def enqueue() -> str:
    """Commit a generation with its job; return the job."""
    job = ImageGeneratorService().enqueue(GenerationRequest("A fox")).job
    assert job is not None
    return job


def ago(**span: float) -> int:
    """Return a moment as the engine keeps it."""
    return int((utc_now() - timedelta(**span)).timestamp() * 1000)


def test_of_the_keys_of_requests_those_go_that_are_free_again(context: Flask) -> None:
    db.session.add(ApiKey(id=1, name="key", prefix="ps_", sha256="0" * 64, role=Role.CREATOR))
    row = generation()
    for number, age in enumerate([25, 24.1, 23]):
        created = utc_now() - timedelta(hours=age)
        key = IdempotencyKey(
            api_key_id=1, key=str(number), generation_id=row.id, created_at=created
        )
        key.body_sha256 = "0" * 64
        db.session.add(key)
    db.session.commit()
    assert done(REQUEST_KEYS) == 2
    assert db.session.scalars(select(IdempotencyKey.key)).all() == ["2"]


def test_of_the_messages_those_go_that_were_sent_or_never_can_be(context: Flask) -> None:
    now = utc_now()
    for subject, age, waits in [
        ("old", 8, False),
        ("young", 6, False),
        ("waits", 29, True),
        ("forsaken", 31, True),
    ]:
        row = WebhookDelivery(event=Event.GENERATION_FAILED, subject=subject)
        row.created_at = now - age * DAY
        row.next_try_at = now if waits else None
        db.session.add(row)
    db.session.commit()
    assert done(WEBHOOKS) == 2
    assert set(db.session.scalars(select(WebhookDelivery.subject))) == {"young", "waits"}


def test_the_trash_is_emptied_of_what_lies_there_for_long(make_app: Callable[..., Flask]) -> None:
    with make_app(trash_days=7).app_context():
        old, young, live = deleted_image(), deleted_image(), kept_image()
        drawn = deleted_image(generation_id=generation(status="running").id, ordinal=0)
        for image, age in ((old, 8), (young, 6), (drawn, 8)):
            image.deleted_at = utc_now() - age * DAY
        db.session.commit()
        kept = {young.id, live.id, drawn.id}
        assert done(TRASH) == 1
        assert set(db.session.scalars(select(Image.id))) == kept


@ON_SQLITE
def test_room_goes_back_to_the_disk_but_for_some(context: Flask) -> None:
    images = [deleted_image() for _ in range(3)]
    blob = "UPDATE image_blobs SET data = zeroblob(:size)"
    db.session.execute(text(blob), {"size": 10 * 1024 * 1024})
    ids = [image.id for image in images]
    db.session.commit()
    free = space.free_pages()
    db.session.execute(text("DELETE FROM image_blobs"))
    db.session.commit()
    assert space.free_pages() > free + 1_024
    before = space.size(())
    assert done(ROOM) > 0
    assert space.free_pages() == 1_024
    assert space.size(()) < before
    assert done(ROOM) == 0
    purge_images(ids)


def test_a_database_that_looks_after_its_room_itself_is_left_alone(context: Flask) -> None:
    if db.engine.dialect.name == "postgresql":
        assert (space.free_pages(), done(ROOM)) == (0, 0)
