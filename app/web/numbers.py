"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

from app.models.types import MICRO
from app.web.texts import say

UNITS = ("B", "kB", "MB", "GB", "TB")
THOUSAND = 1000
MINUTE = 60
SHORT = 10  # seconds, told to the tenth


def whole(number: int) -> str:
    """Return a number with its thousands apart: 1,234,567."""
    return f"{number:,}"


def short(number: float) -> str:
    """Return a number in at most four characters or so: 999, 12.3k, 4.5M."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}" if isinstance(number, float) else str(number)


def money(microusd: int | None) -> str:
    """Return micro-dollars as dollars: to the cent, below one to two digits that say something.

    None is unknown: "unpriced".
    """
    if microusd is None:
        return say("base.unpriced")
    return f"${Decimal(microusd) / MICRO:,.{_places(abs(microusd))}f}"


def _places(microusd: int) -> int:
    """Return how many digits a sum is told to behind the point; there are six."""
    zeros = len(str(MICRO)) - 1 - len(str(microusd)) if 0 < microusd < MICRO else 0
    return min(zeros + 2, len(str(MICRO)) - 1)


def file_size(count: int) -> str:
    """Return a number of bytes in a unit that suits it: 1.5 MB (of 1,000 kB each)."""
    size = float(count)
    for unit in UNITS:
        if size < THOUSAND or unit == UNITS[-1]:
            break
        size /= THOUSAND
    return f"{count} B" if unit == "B" else f"{size:.3g} {unit}"


def seconds(milliseconds: float) -> str:
    """Return a duration: 0.8 s, 14 s, 2 min 5 s."""
    count = milliseconds / THOUSAND
    if count < SHORT:
        return f"{count:.1f} s"
    if count < MINUTE:
        return f"{count:.0f} s"
    minutes, rest = divmod(round(count), MINUTE)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
