"""Pages of the history: exact at any depth, and stable by cursor."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Literal

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.errors import InvalidInput
from app.extensions import db
from app.models import Image, ImageRollup
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_pages import COUNT_CAP, count, numbered_page, slice_of
from app.models.rollup import QUARTER_MICROSECONDS, SPANS
from app.models.types import utc_now
from tests.models.samples import ON_SQLITE, kept_image, many_images

DAY = datetime(2026, 3, 29, tzinfo=UTC)
Deleted = Literal["exclude", "include", "only"]


def scattered(n: int) -> list[datetime]:
    """Return moments over twelve hours, some of them in one quarter hour, in order."""
    chance = random.Random(7)  # noqa: S311 - the same each time
    return sorted({DAY + timedelta(seconds=chance.randrange(12 * 3600)) for _ in range(n)})


@pytest.fixture
def history(context: Flask) -> None:
    """Some hundred images, every fifth of them deleted, a third by another model."""
    many_images(
        scattered(250),
        deleted_at=lambda number: None if number % 5 else utc_now(),
        model=lambda number: "a" if number % 3 else "b",
        favourite=lambda number: number % 7 == 0,
    )


def expected(wanted: ImageFilter) -> list[int]:
    """Return the ids that a filter means, in its order, by plain Python."""
    rows = db.session.scalars(select(Image)).all()
    kept = [
        row
        for row in rows
        if (
            wanted.deleted == "include"
            or (row.deleted_at is not None) == (wanted.deleted == "only")
        )
        and wanted.model in {None, row.model}
        and wanted.favourite in {None, row.favourite}
    ]
    rising = wanted.sort == "oldest"
    return [row.id for row in sorted(kept, key=lambda row: row.position, reverse=not rising)]


DELETED: tuple[Deleted, ...] = ("exclude", "include", "only")
FILTERS = [
    *(ImageFilter(deleted=deleted) for deleted in DELETED),
    *(ImageFilter(deleted=deleted, sort="oldest") for deleted in DELETED),
    ImageFilter(model="b"),
    ImageFilter(model="a", favourite=True, deleted="include", sort="oldest"),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_the_pages_together_are_everything_in_order(history: None, wanted: ImageFilter) -> None:
    first = numbered_page(wanted, 1, 7)
    ids = [row.id for page in range(first.pages) for row in numbered_page(wanted, page + 1, 7)]
    assert ids == expected(wanted)
    assert (first.total, first.capped) == (len(ids), False)
    assert list(numbered_page(wanted, first.pages + 1, 7)) == []


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_the_slices_together_are_everything_in_order_and_back(
    history: None, wanted: ImageFilter
) -> None:
    slices = [slice_of(wanted, None, 7)]
    while slices[-1].after:
        slices.append(slice_of(wanted, slices[-1].after, 7))
    assert [row.id for each in slices for row in each.items] == expected(wanted)
    back = [slices[-1]]
    while back[0].before:
        back.insert(0, slice_of(wanted, back[0].before, 7))
    assert [row.id for each in back for row in each.items] == expected(wanted)


def test_a_cursor_holds_while_rows_come_and_go(history: None) -> None:
    wanted = ImageFilter()
    ids = expected(wanted)
    first = slice_of(wanted, None, 10)
    kept_image("newer than all")
    for gone in (ids[9], ids[12]):  # the very row of the cursor, and one to come
        db.session.execute(delete(Image).where(Image.id == gone))
    found = slice_of(wanted, first.after, 5)
    assert [row.id for row in found.items] == [*ids[10:12], *ids[13:16]]


@pytest.mark.parametrize("wanted", [ImageFilter(), ImageFilter(q="fox"), ImageFilter(model="a")])
def test_a_page_far_beyond_the_end_is_empty(context: Flask, wanted: ImageFilter) -> None:
    kept_image("a fox")
    assert list(numbered_page(wanted, 10**15, 100)) == []


def test_an_empty_list_leads_nowhere(context: Flask) -> None:
    found = slice_of(ImageFilter(), None, 5)
    assert (found.items, found.after, found.before) == ([], None, None)


def test_a_filtered_list_is_counted_to_a_cap_and_goes_on_by_cursor(context: Flask) -> None:
    many_images([DAY + timedelta(seconds=n) for n in range(COUNT_CAP + 50)], model="a")
    wanted = ImageFilter(model="a")
    assert count(wanted) == (COUNT_CAP, True)
    last = numbered_page(wanted, COUNT_CAP // 100, 100)
    assert (len(last), last.capped) == (100, True)
    with pytest.raises(InvalidInput, match="cursor"):
        numbered_page(wanted, COUNT_CAP // 100 + 1, 100)
    rest = slice_of(wanted, Cursor(last[-1].position), 100)
    assert (len(rest.items), rest.after) == (50, None)
    assert count(ImageFilter()) == (COUNT_CAP + 50, False)


def test_the_rollups_agree_with_the_rows(history: None) -> None:
    kept_image("one more")
    rollups = db.session.scalars(select(ImageRollup)).all()
    booked = {(row.span, row.bucket): (row.live, row.deleted) for row in rollups}
    counted: dict[tuple[int, int], tuple[int, int]] = {}
    for row, span in product(db.session.scalars(select(Image)).all(), SPANS):
        bucket = (span, row.position // (span * QUARTER_MICROSECONDS))
        live, gone = counted.get(bucket, (0, 0))
        alive = row.deleted_at is None
        counted[bucket] = (live + alive, gone + (not alive))
    assert booked == counted


@pytest.mark.parametrize(
    ("since", "until", "number"),
    [(None, None, 4), (1, None, 3), (None, 1, 1), (1, 2, 1), (2, 2, 0), (3, 9, 1)],
)
def test_times_include_their_beginning_and_exclude_their_end(
    context: Flask, since: int | None, until: int | None, number: int
) -> None:
    many_images([DAY + timedelta(hours=hour) for hour in range(4)])
    bounds = [None if hour is None else DAY + timedelta(hours=hour) for hour in (since, until)]
    assert numbered_page(ImageFilter(since=bounds[0], until=bounds[1]), 1, 20).total == number


@ON_SQLITE
@pytest.mark.parametrize("text", ["", "x", "AAAA", "é", "x" * 1000, "=" * 24])
def test_what_is_no_cursor_is_refused(context: Flask, text: str) -> None:
    with pytest.raises(InvalidInput, match="no cursor"):
        Cursor.decode(text, ImageFilter())


def test_a_cursor_belongs_to_its_filter() -> None:
    wanted = ImageFilter(model="a")
    text = Cursor(5, backwards=True).encode(wanted)
    assert Cursor.decode(text, wanted) == Cursor(5, backwards=True)
    with pytest.raises(InvalidInput, match="another filter"):
        Cursor.decode(text, ImageFilter(model="a", sort="oldest"))
