"""Which images come right after and right before one, within a filter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Image, search_index
from app.models.image_filter import ImageFilter
from app.models.image_pages import slice_of
from app.models.neighbours import neighbours_of
from app.models.search import normalise
from app.models.types import utc_now
from tests.models.samples import many_images

DAY = datetime(2026, 3, 29, tzinfo=UTC)
WORDS = ("a red fox", "a fox, red", "an owl", "a red-eyed owl")


@pytest.fixture
def history(context: Flask) -> None:
    """Forty images: every fifth is deleted, a third by another model, some with words."""
    many_images(
        [DAY + timedelta(minutes=number) for number in range(40)],
        prompt=lambda number: WORDS[number % 4],
        deleted_at=lambda number: None if number % 5 else utc_now(),
        model=lambda number: "a" if number % 3 else "b",
    )
    rows = db.session.execute(select(Image.position, Image.prompt)).all()
    search_index.add_many((position, normalise(prompt)) for position, prompt in rows)
    db.session.commit()


FILTERS = [
    ImageFilter(),
    ImageFilter(sort="oldest"),
    ImageFilter(deleted="only"),
    ImageFilter(deleted="include", since=DAY + timedelta(minutes=7)),
    ImageFilter(model="b"),
    ImageFilter(model="none"),
    ImageFilter(q="fox"),
    ImageFilter(q='"red fox"', sort="oldest"),
    ImageFilter(q="-owl", deleted="include"),
    ImageFilter(q="fox", deleted="only"),
    ImageFilter(q="wolf"),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_every_image_has_those_beside_it_whether_or_not_it_is_in_the_filter(
    history: None, wanted: ImageFilter
) -> None:
    ids = sorted(row.id for row in slice_of(wanted, None, 100).items)  # they rise with time
    for image_id in range(1, 41):
        found = neighbours_of(image_id, wanted)
        newer = next((each for each in ids if each > image_id), None)
        older = next((each for each in reversed(ids) if each < image_id), None)
        assert (found.newer and found.newer.id, found.older and found.older.id) == (newer, older)
        assert found.exact


@pytest.mark.parametrize("image_id", [41, 0, -1, 2**63])
def test_an_image_that_is_not_there_has_none(history: None, image_id: int) -> None:
    with pytest.raises(NotFound, match=f"no image {image_id}"):
        neighbours_of(image_id, ImageFilter())


def test_a_search_that_gives_up_says_so(history: None) -> None:
    wanted = ImageFilter(q='"red a"')
    assert neighbours_of(40, wanted).exact
    found = neighbours_of(40, wanted, scan=1)
    assert (found.older, found.exact) == (None, False)
    assert neighbours_of(5, wanted, scan=1).older is None
    assert not neighbours_of(5, wanted, scan=1).exact
    assert neighbours_of(40, ImageFilter(q='"red fox"', deleted="include"), scan=1).exact


def test_they_take_one_short_query_each(history: None, statements: list[str]) -> None:
    neighbours_of(20, ImageFilter(model="a"))
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 3
