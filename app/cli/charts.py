"""Bars and sparklines out of blocks, for terminals (pure)."""

from __future__ import annotations

from collections.abc import Sequence

_RISING = "▁▂▃▄▅▆▇█"
_GROWING = " ▏▎▍▌▋▊▉█"
_EIGHTHS = 8


def bar(value: float | None, largest: float, width: int = 12) -> str:
    """Return a bar for a value, `width` signs for the largest one; what is not nothing can be seen."""
    if not value or value < 0 or largest <= 0:
        return ""
    eighths = max(1, round(min(value / largest, 1) * width * _EIGHTHS))
    whole, rest = divmod(eighths, _EIGHTHS)
    return "█" * whole + _GROWING[rest].strip()


def sparkline(values: Sequence[float | None], width: int = 60) -> str:
    """Return a sign for each value, or, where there are more than `width`, for as many added up.

    A gap is where there is no value.
    """
    parts = _added_up(values, width)
    largest = max((part for part in parts if part is not None), default=0)
    return "".join(_sign(part, largest) for part in parts)


def _sign(part: float | None, largest: float) -> str:
    if part is None:
        return " "
    # The lowest is for nothing alone.
    steps = len(_RISING) - 1
    return _RISING[max(1, round(part / largest * steps)) if part > 0 else 0]


def _added_up(values: Sequence[float | None], width: int) -> list[float | None]:
    many = -(-len(values) // width) if values else 1
    parts: list[float | None] = []
    for start in range(0, len(values), many):
        known = [value for value in values[start : start + many] if value is not None]
        parts.append(sum(known) if known else None)
    return parts
