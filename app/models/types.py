"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, text
from sqlalchemy.types import TypeDecorator

# SQLite counts ids up only in an INTEGER column; PostgreSQL's integer ends at two thousand million.
BigId = BigInteger().with_variant(Integer(), "sqlite")
# What both databases can count to; PostgreSQL would not even look for a larger number.
LARGEST_NUMBER = 2**63 - 1
IDS = range(1, LARGEST_NUMBER + 1)
LONGEST_LABEL = 100
# Money is counted in millionths of a US dollar.
MICRO = 1_000_000
# What a label must not hold: control characters, line ends, signs that turn the direction of what
# follows. The joiners of emoji and of Indic scripts are welcome.
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
# Nor is it space alone. In the syntax that Python, Rust and ECMAScript share, for the API's document.
LABEL = rf"^[^{_UNSEEN}]*[^\s{_UNSEEN}][^{_UNSEEN}]*$"
_SURROGATE = re.compile("[\ud800-\udfff]")

Choice = TypeVar("Choice", bound=StrEnum)


def one_of(choices: type[Choice], length: int = 16) -> Enum:
    """Return the type of a short text that a CHECK holds to the values of `choices`."""
    return Enum(
        choices,
        name=choices.__name__.lower(),
        native_enum=False,  # PostgreSQL's own enums cannot lose a value again
        create_constraint=True,
        validate_strings=True,
        length=length,
        values_callable=lambda enum: [member.value for member in enum],
    )


def where(condition: str) -> dict[str, Any]:
    """Return the arguments that make an index partial on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware, in UTC, to the microsecond. A naive datetime is refused: it has no meaning."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC; SQLite drops the zone and keeps the digits."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware datetime in UTC, whatever the session's time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def is_label(text: str, longest: int = LONGEST_LABEL) -> bool:
    """Tell whether a text can name something: 1 to `longest` printable characters."""
    fits = 1 <= len(text) <= longest and re.fullmatch(LABEL, text)
    return bool(fits) and not _SURROGATE.search(text)


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
