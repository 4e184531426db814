"""The history in pages: quick at any depth, exact where it says so.

A numbered page of the whole history finds its place through the roll-ups: their sums tell in which
quarter hour the page begins, so that only a few rows are skipped. A filtered list is counted up to a
cap, and goes on by cursor beyond it. A cursor is a place in the one order there is, `position`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, false, func, select

from app.errors import InvalidInput
from app.extensions import current_settings, db
from app.models import search_index
from app.models.cursor import Cursor
from app.models.image import Image
from app.models.image_filter import ImageFilter
from app.models.image_row import IMAGE_ROWS, ImageRow, read_rows
from app.models.page import Page, Slice
from app.models.rollup import QUARTER_MICROSECONDS, SPANS, ImageRollup
from app.models.search import labels, parse
from app.models.types import LARGEST_NUMBER

# How far a filtered list is counted; beyond it a count could take a second.
COUNT_CAP = 10_000
# How often a numbered page of a search may look through a further 5,000 rows.
MOST_SCANS = 10


def numbered_page(wanted: ImageFilter, page: int, per_page: int) -> Page[ImageRow]:
    """Return a numbered page. Raises InvalidInput for one that cannot be, or lies past the cap."""
    _check_size(per_page, "per_page")
    offset = (page - 1) * per_page
    if page < 1 or offset > LARGEST_NUMBER:
        raise InvalidInput("There is no such page; pages count from 1.", field="page")
    total, capped = count(wanted)
    if capped and offset >= total:
        raise InvalidInput(
            f"Pages of a filtered list end at {total:,} entries. Go on with limit and cursor.",
            field="page",
        )
    items: list[ImageRow] = []
    if wanted.q:
        items = _searched_page(wanted, offset, per_page)
    elif offset < total:
        items = read_rows(_at(wanted, offset).limit(per_page))
    return Page(items, total, page, per_page, capped)


def slice_of(wanted: ImageFilter, cursor: Cursor | None, limit: int) -> Slice[ImageRow]:
    """Return up to `limit` images from a cursor on, or from the beginning. Raises InvalidInput."""
    _check_size(limit, "limit")
    backwards = cursor is not None and cursor.backwards
    start = cursor.position if cursor else None
    read = _searched if wanted.q else _walked
    rows, reached = read(wanted, start, limit, backwards=backwards)
    onward = None if reached is None else Cursor(reached, backwards)
    # Where the cursor came from there is something.
    back = Cursor(rows[0].position, not backwards) if rows and cursor else None
    return Slice(rows[::-1], back, onward) if backwards else Slice(rows, onward, back)


def _walked(
    wanted: ImageFilter, start: int | None, limit: int, *, backwards: bool
) -> tuple[list[ImageRow], int | None]:
    """Return up to `limit` rows, and the position of the last if more come after it."""
    query = wanted.order(wanted.apply(IMAGE_ROWS), backwards=backwards)
    if start is not None:
        query = wanted.beyond(query, start, backwards=backwards)
    rows = read_rows(query.limit(limit + 1))
    return rows[:limit], rows[limit - 1].position if len(rows) > limit else None


def _searched(
    wanted: ImageFilter, start: int | None, limit: int, *, backwards: bool
) -> tuple[list[ImageRow], int | None]:
    """Return the same of a search; it may have looked through a number of rows in vain."""
    positions, reached = _found(wanted, start, limit, backwards=backwards)
    return _rows_at(wanted, positions, backwards=backwards), reached


def _searched_page(wanted: ImageFilter, offset: int, per_page: int) -> list[ImageRow]:
    """Return a page of a search. What comes before it is found, within the cap, but not read."""
    positions: list[int] = []
    start = None
    for _ in range(MOST_SCANS):
        missing = offset + per_page - len(positions)
        found, start = _found(wanted, start, missing, backwards=False)
        positions += found
        if start is None or len(positions) >= offset + per_page:
            break
    return _rows_at(wanted, positions[offset:], backwards=False)


def _found(
    wanted: ImageFilter, start: int | None, limit: int, *, backwards: bool
) -> tuple[list[int], int | None]:
    """Return up to `limit` positions that a search finds, and from where to go on, if at all."""
    rising = (wanted.sort == "oldest") is not backwards
    found = search_index.find(
        parse(wanted.q or ""),
        limit=limit + 1,
        before=None if rising else start,
        after=start if rising else None,
        oldest_first=rising,
        labels=labels(**wanted.labels()),
        conditions=wanted.conditions(),
    )
    positions = found.positions[:limit]
    return positions, positions[-1] if len(found.positions) > limit else found.scanned_to


def _rows_at(wanted: ImageFilter, positions: list[int], *, backwards: bool) -> list[ImageRow]:
    if not positions:
        return []
    chosen = IMAGE_ROWS.where(Image.position.in_(positions))
    return read_rows(wanted.order(chosen, backwards=backwards))


def count(wanted: ImageFilter) -> tuple[int, bool]:
    """Return how many images there are, and whether counting stopped at the cap."""
    if wanted.is_plain:
        widest = select(func.sum(_booked(wanted))).where(ImageRollup.span == SPANS[0])
        return int(db.session.scalar(widest) or 0), False
    if wanted.q:
        matching = search_index.count(
            parse(wanted.q),
            COUNT_CAP,
            labels=labels(**wanted.labels()),
            conditions=wanted.conditions(),
        )
        return matching.number, not matching.exact
    first = wanted.apply(select(Image.id)).limit(COUNT_CAP + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(first)) or 0
    return min(found, COUNT_CAP), found > COUNT_CAP


def _at(wanted: ImageFilter, offset: int) -> Select[Any]:
    """Return the query for the images from `offset` on."""
    query = wanted.order(wanted.apply(IMAGE_ROWS))
    if not wanted.is_plain or not offset:
        return query.offset(offset)
    place = _quarter_at(wanted, offset)
    if place is None:
        return query.where(false())  # the last ones were deleted since they were counted
    quarter, before = place
    if wanted.sort == "oldest":
        query = query.where(Image.position >= quarter * QUARTER_MICROSECONDS)
    else:
        query = query.where(Image.position < (quarter + 1) * QUARTER_MICROSECONDS)
    return query.offset(offset - before)


def _quarter_at(wanted: ImageFilter, offset: int) -> tuple[int, int] | None:
    """Return the quarter that holds the image at `offset`, and how many come before it.

    Each span tells which bucket of it holds the place, and the next narrower one is looked through
    within that alone.
    """
    first, last, before = 0, LARGEST_NUMBER, 0
    for span in SPANS:
        for bucket, n in _buckets(wanted, span, first // span, last // span):
            if before + n > offset:
                first, last = bucket * span, (bucket + 1) * span - 1
                break
            before += n
        else:
            return None
    return first, before


def _buckets(wanted: ImageFilter, span: int, first: int, last: int) -> Iterable[tuple[int, int]]:
    rollup = ImageRollup
    order = rollup.bucket.asc() if wanted.sort == "oldest" else rollup.bucket.desc()
    found = select(rollup.bucket, _booked(wanted)).where(rollup.span == span)
    narrowed = found.where(rollup.bucket.between(first, last)).order_by(order)
    return ((int(bucket), int(n)) for bucket, n in db.session.execute(narrowed))


def _booked(wanted: ImageFilter) -> Any:
    match wanted.deleted:
        case "exclude":
            return ImageRollup.live
        case "only":
            return ImageRollup.deleted
    return ImageRollup.live + ImageRollup.deleted


def _check_size(size: int, field: str) -> None:
    largest = current_settings().max_page_size
    if not 1 <= size <= largest:
        raise InvalidInput(f"A page has 1 to {largest} entries.", field=field)
