"""How numbers are written on axes, in tips and in tiles (pure)."""

from __future__ import annotations

from collections.abc import Callable

from app.models.types import MICRO
from app.web.numbers import money as told

Form = Callable[[float], str]

_STEPS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))
_BYTES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
MINUTE = 60
# From so many dollars on cents say nothing any more.
CENTLESS = 10_000
HOUR = 60 * MINUTE


def short(value: float) -> str:
    """Return a number to three digits: 950, 12.3k, 1.2M, 0.05."""
    for step, letter in _STEPS:
        # What rounds up to the next step is told by it: 999,950 is 1M.
        if abs(value) >= step * 0.9995:
            return f"{_digits(value / step)}{letter}"
    return _digits(value)


def count(value: float) -> str:
    """Return a number in full: 12,345."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def money(value: float) -> str:
    """Return US dollars as one needs to know them: $12.30, $0.034, $12.3k."""
    if abs(value) >= CENTLESS:
        return f"${short(value)}"
    return full_money(value)


def axis_money(value: float) -> str:
    """Return US dollars on an axis: what stands beside each other is told apart."""
    if abs(value) >= 1:
        return money(value)
    cents = f"{value:.6f}".rstrip("0")
    return f"${cents}{'0' * max(0, 4 - len(cents))}" if value else "$0"


def full_money(value: float) -> str:
    """Return US dollars as all pages tell them: to the cent, below one to two digits that count."""
    return told(round(value * MICRO))


def seconds(value: float) -> str:
    """Return a duration: 0.14 s, 14.9 s, 2 min 5 s, 3 h 20 min."""
    if value < MINUTE:
        return f"{_digits(value)} s"
    if value < HOUR:
        return _two(round(value), MINUTE, "min", "s")
    return _two(round(value / MINUTE), MINUTE, "h", "min")


def size(value: float) -> str:
    """Return bytes: 950 B, 12.3 MB."""
    for step, letters in _BYTES:
        if abs(value) >= step * 0.9995:
            return f"{_digits(value / step)} {letters}"
    return f"{_digits(value)} B"


def percent(value: float) -> str:
    """Return a share of one: 2.1%, 100%. What is there is never told as nothing."""
    hundredths = value * 100
    if 0 < hundredths < 0.1:  # noqa: PLR2004
        return "<0.1%"
    return f"{_digits(round(hundredths, 1))}%"


def _digits(value: float) -> str:
    """Return three digits of a number, without zeros that say nothing."""
    magnitude = abs(value)
    places = 0 if magnitude >= 99.95 else 1 if magnitude >= 9.995 else 2  # noqa: PLR2004
    if 0 < magnitude < 0.01:  # noqa: PLR2004
        return f"{value:.2g}"
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _two(value: int, of: int, whole: str, part: str) -> str:
    wholes, parts = divmod(value, of)
    return f"{wholes} {whole} {parts} {part}" if parts else f"{wholes} {whole}"
