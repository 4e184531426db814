"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal

from app.models.types import MICRO
from app.web.texts import say

UNITS = ("B", "kB", "MB", "GB", "TB")
THOUSAND = 1000
CENT = MICRO // 100
# From here on nobody looks at parts of a cent.
FINE_BELOW = 100 * MICRO
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
    """Return micro-dollars as dollars: to the cent, a small sum as far as it goes; None: unknown."""
    if microusd is None:
        return say("base.unpriced")
    dollars = Decimal(microusd) / MICRO
    is_large = abs(microusd) >= FINE_BELOW
    return f"${dollars:,.2f}" if is_large or microusd % CENT == 0 else f"${dollars.normalize():f}"


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
