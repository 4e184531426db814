"""Charts without axes: a line in a tile, and a bar beside a name (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from app.web.charts.frame import n
from app.web.charts.lines import runs
from app.web.charts.patterns import filled

WIDTH = 100
HEIGHT = 24

_SPARK = Markup(
    '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
    '<path d="{}"/></svg>'
)
_METER = Markup('<svg class="meter" viewBox="0 0 {} 6" preserveAspectRatio="none" {}>{}</svg>')
_PART = Markup('<rect {} x="{}" width="{}" height="6"/>')


def spark(values: Sequence[float | None]) -> Markup:
    """Return a line that says how values went, beside the number that they come to.

    One value is a level line, and so are values that are all the same; gaps stay gaps.
    """
    top = max((each for each in values if each is not None), default=0) or 1
    step = WIDTH / max(1, len(values) - 1)
    path = ""
    for run in runs(values):
        heights = [n(HEIGHT - 2 - (HEIGHT - 4) * (values[index] or 0) / top) for index in run]
        # A point alone gets the room to its neighbour; else it would not be seen.
        places = [*run, run[-1] + 1] if len(run) == 1 else [*run]
        heights = heights * len(places) if len(run) == 1 else heights
        pairs = zip(places, heights, strict=True)
        path += "M" + "L".join(f"{n(min(x * step, WIDTH))} {y}" for x, y in pairs)
    return _SPARK.format(WIDTH, HEIGHT, path)


def meter(part: float, whole: float, mark: int = 0) -> Markup:
    """Return a bar as long as a part is of a whole, never longer; it says nothing by itself."""
    return _meter([(part, mark)], whole, Markup('aria-hidden="true"'))


def parts(values: Sequence[float], gist: str) -> Markup:
    """Return one bar of several parts beside each other, with what it says; marked in order."""
    told = Markup('role="img" aria-label="{}"').format(gist)
    return _meter([(each, mark) for mark, each in enumerate(values)], sum(values), told)


def _meter(values: Sequence[tuple[float, int]], whole: float, told: Markup) -> Markup:
    drawn, at = Markup(""), 0.0
    for value, mark in values:
        width = min(WIDTH - at, WIDTH * value / whole) if whole > 0 else 0
        if width > 0:
            drawn += _PART.format(filled(mark), n(at), n(max(width, 0.5)))
        at += max(width, 0)
    return _METER.format(WIDTH, told, drawn)
