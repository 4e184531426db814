"""Pages of what has ULIDs for ids, by cursor, newest first: they rise with the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select
from ulid import ULID

from app.errors import InvalidInput
from app.models.cursor import Cursor
from app.models.page import Slice, check_size

# A cursor holds an id in two numbers of 64 bits, of which the second has a sign.
_HALF = 64
_SIGN = 1 << 63


class HasId(Protocol):
    """A row with a ULID."""

    id: Any


Row = TypeVar("Row", bound=HasId)


def slice_by_id(
    cursor: Cursor | None, limit: int, read: Callable[[Cursor | None, int], list[Row]]
) -> Slice[Row]:
    """Return up to `limit` rows from a cursor on, or from the newest. Raises InvalidInput.

    `read` gives up to so many rows beyond a cursor, in its direction.
    """
    check_size(limit, "limit")
    backwards = cursor is not None and cursor.backwards
    rows = read(cursor, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    onward = _place(rows[-1], backwards) if more else None
    # Where the cursor came from there is something.
    back = _place(rows[0], not backwards) if rows and cursor else None
    return Slice(rows[::-1], back, onward) if backwards else Slice(rows, onward, back)


def beyond(query: Select[Any], column: Any, cursor: Cursor | None) -> Select[Any]:
    """Return a query for what lies beyond a cursor, in its direction; `column` holds the ids."""
    backwards = cursor is not None and cursor.backwards
    if cursor:
        start = _id_at(cursor)
        query = query.where(column > start if backwards else column < start)
    return query.order_by(column.asc() if backwards else column.desc())


def _place(row: HasId, backwards: bool) -> Cursor:
    number = int(ULID.from_str(row.id))
    return Cursor(number % (1 << _HALF) - _SIGN, backwards, number >> _HALF)


def _id_at(cursor: Cursor) -> str:
    number = (cursor.rank << _HALF) + cursor.position + _SIGN
    if number < 0:
        raise InvalidInput("This is no cursor of this list.", field="cursor")
    return str(ULID.from_int(number))
