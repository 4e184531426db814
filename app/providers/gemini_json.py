"""Taking from JSON what has the expected type, and nothing where it has another."""

from __future__ import annotations

from typing import Any, Final

# No model reads or writes so much in one call: whoever counted it did not count.
_LARGEST_COUNT: Final = 4_000_000


def table(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[dict[str, Any]]:
    """The objects among the value's items; none if it is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """The value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    """The value if it is a whole number that something may count, else 0."""
    whole = value if isinstance(value, int) and not isinstance(value, bool) else 0
    return whole if 0 < whole <= _LARGEST_COUNT else 0
