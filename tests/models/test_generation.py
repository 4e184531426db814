"""Generation: what it starts as, and how it stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import ApiKey, Generation, Role, Status
from app.models.generation import new_id, new_ids
from tests.models.samples import generation, kept_image


@pytest.mark.parametrize(
    ("status", "ended"),
    [
        ("queued", False),
        ("running", False),
        ("succeeded", True),
        ("failed", True),
        ("cancelled", True),
    ],
)
def test_a_status_tells_whether_it_is_an_end(status: str, ended: bool) -> None:
    assert Status(status).ended is ended


def test_a_generation_starts_queued_with_nothing_done(context: Flask) -> None:
    row = generation()
    assert (row.status, row.n, row.done, row.attempts) == ("queued", 1, 0, 0)
    assert (row.variables, row.cost_microusd, row.error_code, row.images) == ({}, None, None, [])
    assert datetime.now(UTC) - row.created_at < timedelta(minutes=1)


def test_ids_rise_with_time(context: Flask) -> None:
    first = generation()
    second = generation(created_at=first.created_at)
    assert len(first.id) == 26
    assert first.id[:10] <= second.id[:10]


def test_variables_come_back_as_they_were(context: Flask) -> None:
    row = generation(variables={"mood": "blue 🦊", "{a}": ""})
    db.session.refresh(row)
    assert row.variables == {"mood": "blue 🦊", "{a}": ""}


def test_its_images_are_in_their_order(context: Flask) -> None:
    row = generation(n=3)
    for ordinal in (2, 0, 1):
        kept_image(f"Fox {ordinal}", generation_id=row.id, ordinal=ordinal)
    db.session.refresh(row)
    assert [image.prompt for image in row.images] == ["Fox 0", "Fox 1", "Fox 2"]
    assert row.images[0].generation is row


def test_who_asked_is_read_along(context: Flask, statements: list[str]) -> None:
    key = ApiKey(name="Ada", prefix="ps_", sha256="0" * 64, role=Role.CREATOR)
    db.session.add(key)
    db.session.flush()
    row_id = generation(api_key_id=key.id).id
    db.session.expunge_all()
    statements.clear()
    found = db.session.get_one(Generation, row_id)
    assert found.api_key is not None
    assert found.api_key.name == "Ada"
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_a_generation_with_images_cannot_be_deleted(context: Flask) -> None:
    row = generation()
    kept_image(generation_id=row.id, ordinal=0)
    with pytest.raises(IntegrityError):
        db.session.execute(db.delete(Generation))


def test_ids_of_many_rise_and_leave_those_of_others_free() -> None:
    moment = datetime(2026, 11, 22, 10, tzinfo=UTC)
    before = new_id(moment)
    many = new_ids(moment, 1_000)
    assert many == sorted(set(many))
    assert {each[:10] for each in many} == {before[:10]}
    assert not {new_id(moment) for _ in range(100)} & set(many)
