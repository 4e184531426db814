"""The history in pages: quick at any depth, exact where it says so.

A numbered page of the whole history finds its place through the roll-ups (image_place.py). A filtered
list is counted up to a cap, and goes on by cursor beyond it. A cursor is a place in the one order
there is, `position`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, func, select

from app.errors import InvalidInput
from app.extensions import db
from app.models import image_search
from app.models.cursor import Cursor
from app.models.image import IMAGES
from app.models.image_filter import ImageFilter
from app.models.image_place import position_before, total
from app.models.image_row import IMAGE_ROWS, ImageRow, read_rows
from app.models.page import Page, Slice, check_size
from app.models.rare_tags import rare_tag
from app.models.types import IDS, LARGEST_NUMBER

# How far a filtered list is counted; beyond it a count could take a second.
COUNT_CAP = 10_000
# How often a numbered page of a search may look through a further 5,000 rows.
MOST_SCANS = 10
_START: BindParameter[int] = bindparam("start", type_=IMAGES.c.position.type)
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer)
_OFFSET: BindParameter[int] = bindparam("offset", type_=Integer)


def numbered_page(wanted: ImageFilter, page: int, per_page: int) -> Page[ImageRow]:
    """Return a numbered page. Raises InvalidInput for one that cannot be, or lies past the cap."""
    check_size(per_page, "per_page")
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
    if offset < total:
        find = _searched_page if wanted.q else _numbered
        items = find(wanted, offset, per_page)
    return Page(items, total, page, per_page, capped)


def slice_of(wanted: ImageFilter, cursor: Cursor | None, limit: int) -> Slice[ImageRow]:
    """Return up to `limit` images from a cursor on, or from the beginning. Raises InvalidInput."""
    check_size(limit, "limit")
    backwards = cursor is not None and cursor.backwards
    start = cursor.position if cursor else None
    read = _searched if wanted.q else _walked
    rows, reached = read(wanted, start, limit, backwards=backwards)
    onward = None if reached is None else Cursor(reached, backwards)
    # Where the cursor came from there is something.
    back = Cursor(rows[0].position, not backwards) if rows and cursor else None
    return Slice(rows[::-1], back, onward) if backwards else Slice(rows, onward, back)


def rows_of(ids: Collection[int]) -> list[ImageRow]:
    """Return the images of these ids that are there, deleted or not, newest first."""
    known = [each for each in ids if each in IDS]
    return read_rows(IMAGE_ROWS.where(IMAGES.c.id.in_(known)).order_by(IMAGES.c.position.desc()))


def _numbered(wanted: ImageFilter, offset: int, per_page: int) -> list[ImageRow]:
    if not wanted.is_plain or not offset:
        return _read(wanted, None, per_page, offset=offset)
    place = position_before(wanted, offset)
    if place is None:
        return []  # the last ones were deleted since they were counted
    start, skipped = place
    return _read(wanted, start, per_page, offset=skipped)


def _walked(
    wanted: ImageFilter, start: int | None, limit: int, *, backwards: bool
) -> tuple[list[ImageRow], int | None]:
    """Return up to `limit` rows, and the position of the last if more come after it."""
    rows = _read(wanted, start, limit + 1, backwards=backwards)
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
    found = image_search.find(
        replace(wanted, sort="oldest" if rising else "newest"), start, limit + 1
    )
    positions = found.positions[:limit]
    return positions, positions[-1] if len(found.positions) > limit else found.scanned_to


def _rows_at(wanted: ImageFilter, positions: list[int], *, backwards: bool) -> list[ImageRow]:
    if not positions:
        return []
    chosen = IMAGE_ROWS.where(IMAGES.c.position.in_(positions))
    return read_rows(wanted.order(chosen, backwards=backwards))


def count(wanted: ImageFilter) -> tuple[int, bool]:
    """Return how many images there are, and whether counting stopped at the cap."""
    if wanted.is_plain:
        return total(wanted.deleted), False
    if wanted.q:
        matching = image_search.count(wanted, COUNT_CAP)
        return matching.number, not matching.exact
    found = db.session.connection().scalar(_counting(wanted, rare_tag(wanted))) or 0
    return min(found, COUNT_CAP), found > COUNT_CAP


@lru_cache(maxsize=256)
def _counting(wanted: ImageFilter, rare: str | None) -> Select[int]:
    """Return the query that counts up to the cap; kept as the one below is."""
    first = wanted.apply(select(IMAGES.c.id), rare).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(first)


def _read(
    wanted: ImageFilter, start: int | None, limit: int, *, offset: int = 0, backwards: bool = False
) -> list[ImageRow]:
    """Return rows that the columns alone decide about, beyond `start` where one is given."""
    query = _listing(wanted, start is not None, backwards, rare_tag(wanted))
    return read_rows(query, {"start": start, "limit": limit, "offset": offset})


@lru_cache(maxsize=256)
def _listing(wanted: ImageFilter, beyond: bool, backwards: bool, rare: str | None) -> Select[Any]:
    """Return the query of a filter, which is the same for all of its pages.

    It is kept: to put it together and to find what SQLAlchemy compiled for it takes longer than to
    run it.
    """
    query = wanted.order(wanted.apply(IMAGE_ROWS, rare), backwards=backwards)
    if beyond:
        query = wanted.beyond(query, _START, backwards=backwards)
    return query.limit(_LIMIT).offset(_OFFSET)
