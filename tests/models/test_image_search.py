"""What a filter with a search finds, and how far it must look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from flask import Flask

from app.extensions import db
from app.models import search_index
from app.models.image_filter import ImageFilter, position_of
from app.models.image_search import count, find
from app.models.search import compose
from tests.models.samples import many_images

DAY = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = [DAY + timedelta(days=number) for number in range(40)]
POSITIONS = [position_of(day) for day in DAYS]


@pytest.fixture
def history(context: Flask) -> None:
    """A fox a day, forty days long."""
    many_images(DAYS)
    search_index.add_many((position, compose("A fox")) for position in POSITIONS)
    db.session.commit()


@pytest.mark.parametrize(("sort", "expected"), [("newest", [12, 11, 10]), ("oldest", [10, 11, 12])])
def test_nothing_is_looked_through_outside_of_the_times(
    history: None, sort: Literal["newest", "oldest"], expected: list[int]
) -> None:
    wanted = ImageFilter(q="fox", since=DAYS[10], until=DAYS[13], sort=sort)
    found = find(wanted, None, 5, scan=5)
    assert found.positions == [POSITIONS[number] for number in expected]
    assert found.scanned_to is None


@pytest.mark.parametrize(("sort", "start", "expected"), [("newest", 12, 11), ("oldest", 10, 11)])
def test_it_goes_on_from_where_it_was(
    history: None, sort: Literal["newest", "oldest"], start: int, expected: int
) -> None:
    wanted = ImageFilter(q="fox", since=DAYS[10], until=DAYS[13], sort=sort)
    assert find(wanted, POSITIONS[start], 1).positions == [POSITIONS[expected]]


@pytest.mark.parametrize(
    ("sort", "start"), [("newest", 39), ("newest", 13), ("oldest", 0), ("oldest", 9)]
)
def test_a_start_outside_of_the_times_changes_nothing(
    history: None, sort: Literal["newest", "oldest"], start: int
) -> None:
    wanted = ImageFilter(q="fox", since=DAYS[10], until=DAYS[13], sort=sort)
    assert find(wanted, POSITIONS[start], 5) == find(wanted, None, 5)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ImageFilter(q="fox", since=DAYS[10], until=DAYS[13]), 3),
        (ImageFilter(q="fox", since=DAYS[38]), 2),
        (ImageFilter(q="fox", until=DAYS[2]), 2),
        (ImageFilter(q="wolf"), 0),
    ],
)
def test_what_is_found_is_counted(history: None, wanted: ImageFilter, expected: int) -> None:
    assert count(wanted, 100).number == expected
