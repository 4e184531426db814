"""Everything into another database: the same rows, ids and bytes, whichever kinds the two are."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import ConfigurationError, Conflict
from app.extensions import db
from app.models import (
    ApiKey,
    Generation,
    IdempotencyKey,
    Image,
    LoginCode,
    Role,
    SavedSearch,
    Schedule,
    SigningSecret,
    Status,
    WebSession,
    Worker,
)
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.tally import Key, add
from app.models.types import utc_now
from app.services.copy import copy_to
from app.services.recovery import requeue_lost
from app.services.schema import inspect_schema, require_current
from tests.models.samples import ON_SQLITE, generation, kept_image, one_of_each
from tests.services.check.conftest import look
from tests.services.copy.conftest import rows


@pytest.fixture
def full(history: Flask) -> Flask:
    """A history with a row in every table."""
    one_of_each()
    db.session.query(Worker).delete()
    db.session.add(SavedSearch(name="Foxes", query={"q": "fox"}))
    db.session.add(Schedule(name="room", next_run_at=utc_now(), last_run_at=utc_now()))
    key = ApiKey(name="other", prefix="ps_", sha256="1" * 64, role=Role.VIEWER)
    db.session.add(key)
    db.session.flush()
    asked = db.session.scalars(select(Generation.id)).first()
    hashed = {"body_sha256": "0" * 64, "created_at": utc_now()}
    db.session.add(IdempotencyKey(api_key_id=key.id, key="k", generation_id=asked, **hashed))
    until = {"sha256": "2" * 64, "api_key_id": key.id, "expires_at": utc_now()}
    db.session.add_all(
        [WebSession(**until), LoginCode(**until), SigningSecret(id=1, secret="s" * 43)]
    )
    add({Key("images", "sketch", "sketch-1"): (3, 0.25)})
    db.session.commit()
    return history


def test_every_row_is_there_and_goes_on(full: Flask, target: Flask) -> None:
    before, faults = rows(), look()
    assert [name for name, found in before.items() if not found] == []
    last = max(db.session.scalars(select(Image.id)))
    db.session.rollback()
    copy_to(target)
    with target.app_context():
        assert rows() == before
        assert look() == faults  # of rows that nothing but this test makes
        found = ImageManager().page(ImageFilter(q="hare"), 1, 20)
        assert len(found) == 2
        assert kept_image("Later").id == last + 1


def test_ids_of_what_is_gone_are_not_given_again(context: Flask, target: Flask) -> None:
    gone = kept_image("A fox")
    number = gone.id
    db.session.delete(gone)
    db.session.commit()
    copy_to(target)
    with target.app_context():
        assert kept_image("A hare").id == number + 1


class Stopped(Exception):
    """What a test stops a copy with."""


def test_one_that_broke_off_goes_on_with_what_changed_meanwhile(
    context: Flask, target: Flask
) -> None:
    first, second, *_ = [kept_image(f"Fox {number}") for number in range(9)]
    generation(status=Status.FAILED)

    def stop(table: str, done: int, _total: int) -> None:
        if (table, done) == ("image_blobs", 8):
            raise Stopped

    with pytest.raises(Stopped):
        copy_to(target, stop)
    with target.app_context(), pytest.raises(ConfigurationError, match="only half"):
        inspect_schema()
    first.note = "Changed meanwhile"
    db.session.delete(second)
    db.session.commit()
    kept_image("A heron")
    before = rows()
    copy_to(target)
    with target.app_context():
        require_current()
        assert rows() == before


def test_what_waits_gets_a_new_job_there(context: Flask, target: Flask) -> None:
    generation(status=Status.QUEUED, job="x~y")
    copy_to(target)
    with target.app_context():
        assert requeue_lost() == 1


@ON_SQLITE
@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_holds_anything_is_no_place_for_a_copy(
    context: Flask, target: Flask, kind: str
) -> None:
    copy_to(target)
    copy_to(target)  # it holds nothing still
    with target.app_context():
        kept_image("A fox")
    with pytest.raises(ConfigurationError, match="not empty"):
        copy_to(target)
    with target.app_context():
        assert db.session.scalars(select(Image.prompt)).all() == ["A fox"]


@ON_SQLITE
@pytest.mark.parametrize("kind", ["sqlite"])
def test_nothing_is_copied_while_a_worker_is_at_work(
    context: Flask, target: Flask, kind: str
) -> None:
    db.session.add(Worker(name="one", token="0" * 26))
    db.session.commit()
    with pytest.raises(Conflict, match="at work"):
        copy_to(target)
    assert not (context.config["SETTINGS"].instance.parent / "copy.db").exists()
