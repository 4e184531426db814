"""Where a numbered page of the whole history begins, and how many images there are, by the roll-ups.

Their sums tell in which quarter hour the image at an offset lies, so that only those before it in the
same quarter are skipped, at any depth.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, cast

from sqlalchemy import Select, Table, bindparam, func, select

from app.extensions import db
from app.models.image_filter import ImageFilter
from app.models.rollup import QUARTER_MICROSECONDS, SPANS, ImageRollup
from app.models.types import LARGEST_NUMBER

Deleted = Literal["exclude", "include", "only"]
_ROLLUPS = cast(Table, ImageRollup.__table__)


def total(deleted: Deleted) -> int:
    """Return how many images there are: live ones, deleted ones, or both."""
    return int(db.session.connection().scalar(_total(deleted)) or 0)


def position_before(wanted: ImageFilter, offset: int) -> tuple[int, int] | None:
    """Return a position to start from, and how many more rows to skip to reach the offset.

    The position lies before the first of the quarter hour that holds the image at `offset`, in the
    filter's order. None where there are not so many images.
    """
    rising = wanted.sort == "oldest"
    quarters, before = range(LARGEST_NUMBER), 0
    # Each span tells which bucket of it holds the place, and the next narrower one is looked through
    # within that alone. One statement with window functions took SQLite ten times as long.
    for span in SPANS:
        bounds = {"first": quarters[0] // span, "last": quarters[-1] // span}
        rows = db.session.connection().execute(_buckets(wanted.deleted, span, rising), bounds)
        for bucket, count in rows:
            if before + count > offset:
                quarters = range(bucket * span, (bucket + 1) * span)
                break
            before += count
        else:
            return None
    [quarter] = quarters
    first = quarter * QUARTER_MICROSECONDS
    return first - 1 if rising else first + QUARTER_MICROSECONDS, offset - before


@lru_cache
def _total(deleted: Deleted) -> Select[int]:
    return select(func.sum(_booked(deleted))).where(_ROLLUPS.c.span == SPANS[0])


@lru_cache
def _buckets(deleted: Deleted, span: int, rising: bool) -> Select[int, int]:
    """Return the query for the buckets of a span between two, each with its number of images."""
    bucket = _ROLLUPS.c.bucket
    between = bucket.between(bindparam("first"), bindparam("last"))
    found = select(bucket, _booked(deleted)).where(_ROLLUPS.c.span == span, between)
    return found.order_by(bucket.asc() if rising else bucket.desc())


def _booked(deleted: Deleted) -> Any:
    match deleted:
        case "exclude":
            return _ROLLUPS.c.live
        case "only":
            return _ROLLUPS.c.deleted
    return _ROLLUPS.c.live + _ROLLUPS.c.deleted
