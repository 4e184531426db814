"""The demo: a history that goes together, and is gone again without a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import Base, db
from app.models import ApiKey, BudgetSpending, Generation, Image, Status, Tally
from app.models.image_manager import ImageManager
from app.services import marks
from app.services.demo import make_demo, remove_demo
from app.services.demo.cast import SUBJECTS
from app.services.demo.plan import DAYS, requests
from app.services.keys import authenticate
from app.services.marks import Marks, change_images
from app.services.purge import purge_images
from tests.models.conftest import serves
from tests.models.samples import ON_SQLITE, deleted_image, generation, image_data
from tests.models.test_search import chance_of
from tests.pictures import picture
from tests.services.check.conftest import look, repair

__all__ = ["serves"]
UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
# A number that only rises.
NEVER_THE_SAME = {"revisions"}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables."""
    db.session.rollback()
    return {
        table.name: sorted(map(tuple, db.session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if table.name not in NEVER_THE_SAME
    }


@pytest.fixture
def before(context: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """A history of one's own, with words that the demo uses too."""
    ImageManager().add_image(SUBJECTS[0].upper(), image_data(picture()))
    generation(prompt=SUBJECTS[1], status=Status.FAILED, finished_at=UNTIL)
    deleted_image(SUBJECTS[2])
    repair()  # generations that a test makes are not in the sums of reports
    return everything()


def test_it_makes_as_many_as_asked_for_and_is_gone_without_a_trace(
    before: dict[str, list[tuple[Any, ...]]],
) -> None:
    assert sum(make_demo(16, until=UNTIL)) == 16
    assert len(list(db.session.scalars(select(Image.id)))) == 16 + 2
    assert look() == {}
    untouched = BudgetSpending.__tablename__, Tally.__tablename__
    assert {name: everything()[name] for name in untouched} == {name: [] for name in untouched}
    starred, *gone = db.session.scalars(select(Image.id).where(Image.provider == "sketch")).all()[
        :3
    ]
    change_images([starred], marks.put(Marks(favourite=True)))
    change_images(gone, marks.delete())
    purge_images(gone[:1], forget=True)
    assert look() == {}
    assert remove_demo().images == 15
    assert everything() == before
    assert look() == {}
    assert remove_demo().images == 0


@ON_SQLITE
def test_all_of_it_lies_in_the_past_and_says_what_it_is(context: Flask) -> None:
    list(make_demo(6, until=UNTIL))
    times = [
        *db.session.scalars(select(Image.created_at)),
        *db.session.scalars(select(Generation.finished_at)),
    ]
    assert UNTIL - timedelta(days=DAYS) < min(times) < max(times) < UNTIL
    assert all(name.startswith("demo-") for name in db.session.scalars(select(Generation.model)))
    keys = db.session.scalars(select(ApiKey)).all()
    assert all("(demo)" in key.name and key.revoked_at for key in keys)
    assert authenticate("demo") is None


def test_the_same_seed_plans_the_same_history_with_all_that_can_happen() -> None:
    plan = requests(500, UNTIL, chance_of(1))
    assert plan == requests(500, UNTIL, chance_of(1)) != requests(500, UNTIL, chance_of(2))
    assert sum(each.pictures for each in plan) == 500
    assert {each.status for each in plan} >= {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}
    codes = {each.failure.code for each in plan if each.failure}
    assert {"content_blocked", "rate_limited", "provider_timeout"} <= codes
    for kind in ("edits", "again", "upload", "batch", "template"):
        assert any(getattr(each, kind) for each in plan), kind
    weekends = sum(each.at.weekday() > 4 for each in plan)
    assert 0 < weekends < len(plan) / 7
