"""Where a numbered page of the whole history begins, and how many images there are, by the roll-ups.

Their sums tell in which quarter hour the image at an offset lies, so that only those before it in the
same quarter are skipped, at any depth.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, cast

from sqlalchemy import CTE, Select, Table, bindparam, func, literal, select

from app.extensions import db
from app.models.image_filter import ImageFilter
from app.models.rollup import QUARTER_MICROSECONDS, SPANS, ImageRollup

Deleted = Literal["exclude", "include", "only"]
_ROLLUPS = cast(Table, ImageRollup.__table__)
_OFFSET = bindparam("offset", type_=_ROLLUPS.c.bucket.type)


def total(deleted: Deleted) -> int:
    """Return how many images there are: live ones, deleted ones, or both."""
    return int(db.session.connection().scalar(_total(deleted)) or 0)


def position_before(wanted: ImageFilter, offset: int) -> tuple[int, int] | None:
    """Return a position to start from, and how many more rows to skip to reach the offset.

    The position lies before the first of the quarter hour that holds the image at `offset`, in the
    filter's order. None where there are not so many images.
    """
    rising = wanted.sort == "oldest"
    found = db.session.connection().execute(_place(wanted.deleted, rising), {"offset": offset})
    place = found.first()
    if place is None:
        return None
    first = place.bucket * QUARTER_MICROSECONDS
    edge = first - 1 if rising else first + QUARTER_MICROSECONDS
    return edge, offset - int(place.before)


@lru_cache
def _total(deleted: Deleted) -> Select[int]:
    return select(func.sum(_booked(deleted))).where(_ROLLUPS.c.span == SPANS[0])


@lru_cache
def _place(deleted: Deleted, rising: bool) -> Select[Any]:
    """Return the query for the quarter that holds the offset, and how many images come before it.

    Each span tells which bucket of it holds the place, and the next narrower one is looked through
    within that bucket alone.
    """
    place = _narrowed(None, SPANS[0], 1, deleted, rising)
    for wider, span in pairwise(SPANS):
        place = _narrowed(place, span, wider // span, deleted, rising)
    return select(place)


def _narrowed(within: CTE | None, span: int, ratio: int, deleted: Deleted, rising: bool) -> CTE:
    """Return the bucket of `span` with the offset, among the `ratio` buckets `within` a wider one."""
    bucket, booked = _ROLLUPS.c.bucket, _booked(deleted)
    # Those without a row to show would tie with the one before them.
    buckets = select(bucket, booked.label("n")).where(_ROLLUPS.c.span == span, booked > 0)
    if within is not None:
        first = within.c.bucket * ratio
        buckets = buckets.where(bucket.between(first, first + ratio - 1))
        buckets = buckets.add_columns(within.c.before.label("start"))
    rows = buckets.subquery()
    start = literal(0) if within is None else rows.c.start
    order = rows.c.bucket.asc() if rising else rows.c.bucket.desc()
    upto = (start + func.sum(rows.c.n).over(order_by=order)).label("upto")
    sums = select(rows.c.bucket, (upto - rows.c.n).label("before"), upto).subquery()
    holding = select(sums.c.bucket, sums.c.before).where(sums.c.upto > _OFFSET)
    return holding.order_by(sums.c.upto).limit(1).cte()


def _booked(deleted: Deleted) -> Any:
    match deleted:
        case "exclude":
            return _ROLLUPS.c.live
        case "only":
            return _ROLLUPS.c.deleted
    return _ROLLUPS.c.live + _ROLLUPS.c.deleted
