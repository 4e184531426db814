"""Rows as JSON and back: each column is a field of its own name, as its type has it.

What comes back is not trusted: each value is held to its column before the database sees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Enum, Integer, String

from app.errors import InvalidInput
from app.models.types import LARGEST_NUMBER, LONGEST_LABEL, UtcDateTime
from app.services.records import timestamp

LARGEST_INTEGER = 2**31 - 1
# As far as reports look.
FIRST_YEAR, LAST_YEAR = 1970, 2199
LONGEST_TEXT = 1_000_000
# Of what is added up or counted on: so much that many millions of rows stay within what databases can
# add, and so little that nobody's own export holds more. Money is in micro-dollars.
_MOST = {
    "byte_count": 2**32,
    **dict.fromkeys(("cost_microusd", "estimated_microusd"), 10**11),
    "latency_ms": 10**9,
    "uses": 10**12,
    **dict.fromkeys(("version", "template_version", "total", "pictures"), 10**8),
    **dict.fromkeys(("attempts", "interruptions", "retries", "ordinal"), 10**6),
}
# As many pictures as one generation may work from, with room to spare.
MOST_IDS = 1_000
MOST_COUNTS = 100
# What neither database keeps, or UTF-8 cannot say.
_ESCAPED_NUL = r"\u0000"
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def encoded(columns: Iterable[Column[Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's values, ready for JSON."""
    return {
        column.key: timestamp(row[column.key])
        if isinstance(column.type, UtcDateTime)
        else row[column.key]
        for column in columns
    }


def decoded(
    columns: Iterable[Column[Any]], record: Any, required: Collection[str] = ()
) -> dict[str, Any]:
    """Return what a record says of these columns; what it leaves out is not there, or None.

    Raises InvalidInput for what a column cannot hold, or must and does not.
    """
    if not isinstance(record, dict):
        raise InvalidInput("This is no record: a JSON object was expected.")
    row = {}
    for column in columns:
        value = record.get(column.key)
        if value is not None:
            row[column.key] = _value(column, value)
        elif column.nullable and column.key not in required:
            row[column.key] = None
        elif column.key in required or not (column.default or column.server_default):
            raise InvalidInput(f"The record has no {column.key}.", field=column.key)
    return row


def is_text(text: str, longest: int = LONGEST_TEXT) -> bool:
    """Tell whether both databases can keep a text."""
    return len(text) <= longest and not _NO_TEXT.search(text)


def _value(column: Column[Any], value: Any) -> Any:
    kind = column.type
    try:
        if isinstance(kind, UtcDateTime):
            return moment(value)
        if isinstance(kind, Enum):
            return kind.enum_class(value)  # type: ignore[misc]  # each of ours has one
    except (TypeError, ValueError) as error:
        raise _misfit(column) from error
    if not _fits(column, value):
        raise _misfit(column)
    return value


def _fits(column: Column[Any], value: Any) -> bool:
    match column.type:
        case Boolean():
            return isinstance(value, bool)
        case Integer() as kind:
            most = LARGEST_NUMBER if isinstance(kind, BigInteger) else LARGEST_INTEGER
            most = _MOST.get(column.key, most)
            # But for seeds nothing here is below 0.
            least = -most if column.key == "seed" else 0
            return type(value) is int and least <= value <= most
        case String() as kind:
            return isinstance(value, str) and is_text(value, kind.length or LONGEST_TEXT)
    if column.key == "usage":
        return is_counts(value)
    wanted = list if column.key == "input_images" else dict
    if not isinstance(value, wanted):
        return False
    text = json.dumps(value, ensure_ascii=False)
    return is_text(text) and _ESCAPED_NUL not in text


def moment(text: Any) -> datetime:
    """Return the moment that RFC 3339 tells, in UTC. Raises TypeError or ValueError."""
    found = datetime.fromisoformat(text)
    # Near the ends of all years there is no such moment in UTC.
    if found.tzinfo is None or not FIRST_YEAR - 1 <= found.year <= LAST_YEAR + 1:
        raise ValueError(text)
    found = found.astimezone(UTC)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(text)
    return found


def is_ids(value: Any) -> bool:
    """Tell whether a value is a list of ids that is not too long to be kept in mind."""
    return isinstance(value, list) and len(value) <= MOST_IDS and all(type(e) is int for e in value)


def is_counts(value: Any) -> bool:
    """Tell whether a value is counts by name, and not too many to be a provider's."""
    return (
        isinstance(value, dict)
        and len(value) <= MOST_COUNTS
        and all(is_text(name, LONGEST_LABEL) for name in value)
        and all(type(count) is int and 0 <= count <= LARGEST_INTEGER for count in value.values())
    )


def _misfit(column: Column[Any]) -> InvalidInput:
    return InvalidInput(f"Its {column.key} cannot be kept as it stands.", field=column.key)
