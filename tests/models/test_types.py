"""Column types: moments and choices, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from app.extensions import db
from app.models import Generation, Image
from app.models.types import is_label, utc_now
from tests.models.samples import generation, kept_image

MOMENT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)


def kept_moment(moment: datetime) -> datetime | None:
    """Keep a moment and read it back."""
    row = generation(started_at=moment)
    db.session.expire_all()
    return db.session.get_one(Generation, row.id).started_at


@pytest.mark.parametrize("hours", [0, 2, -9])
def test_a_moment_comes_back_aware_and_in_utc(context: Flask, hours: int) -> None:
    found = kept_moment(MOMENT.astimezone(timezone(timedelta(hours=hours))))
    assert found == MOMENT
    assert found.tzinfo is UTC


def test_a_moment_is_in_utc_whatever_the_time_zone_of_the_session(context: Flask) -> None:
    row = generation(started_at=MOMENT)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL TIME ZONE 'Asia/Tokyo'"))
    db.session.refresh(row)
    assert row.started_at is not None
    assert row.started_at.isoformat() == "2026-03-29T01:30:00.123456+00:00"


def test_no_moment_comes_back_as_none(context: Flask) -> None:
    row = generation()
    db.session.refresh(row)
    assert row.started_at is None


def test_a_naive_moment_is_refused(context: Flask) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        generation(started_at=MOMENT.replace(tzinfo=None))


def test_moments_compare_in_queries_across_zones(context: Flask) -> None:
    generation(started_at=MOMENT)
    tokyo = timezone(timedelta(hours=9))
    earlier = Generation.started_at < (MOMENT + timedelta(microseconds=1)).astimezone(tokyo)
    later = Generation.started_at < (MOMENT - timedelta(microseconds=1)).astimezone(tokyo)
    assert len(db.session.scalars(db.select(Generation).where(earlier)).all()) == 1
    assert db.session.scalars(db.select(Generation).where(later)).all() == []


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_a_choice_that_is_none_is_refused_before_it_is_sent(context: Flask) -> None:
    with pytest.raises(StatementError, match="not among the defined enum values"):
        generation(status="paused")


def test_a_choice_is_kept_by_its_value(context: Flask) -> None:
    kept_image()
    assert db.session.scalar(text("SELECT source FROM images")) == "generated"
    assert db.session.scalar(db.select(Image.source)) == "generated"


@pytest.mark.parametrize(
    "label", ["a", "acme 2", "狐", "family 👨\u200d👩\u200d👧", "नमस्ते\u200dक", "x" * 100]
)
def test_a_label_is_any_text_that_can_be_seen(label: str) -> None:
    assert is_label(label)


@pytest.mark.parametrize(
    "label",
    ["", " ", "\u3000", "a\n", "a\0b", "\u202eevil", "\u2028", "\ufeff", "\ud800", "x" * 101],
)
def test_what_cannot_be_seen_or_turns_text_about_is_no_label(label: str) -> None:
    assert not is_label(label)
