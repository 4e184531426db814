"""Bars over time, of several kinds one upon another (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from app.web.charts.frame import Frame, Size, n
from app.web.charts.patterns import filled
from app.web.charts.plot import Plot, Series

# What is there is seen, however little it is.
LEAST = 1.0
SPACE = 0.24  # of a bar's place, left free beside it

_PATH = Markup('<path {} d="{}"/>')


def bars(plot: Plot, size: Size) -> Markup:
    """Return the drawing: one path for each series, the first one below."""
    totals = plot.totals()
    frame = Frame(plot, size, max(totals, default=0))
    base = [frame.bottom * 1.0] * len(totals)
    marks = [
        _PATH.format(filled(each.mark), path)
        for each in plot.series
        if (path := "".join(_segments(each, frame, base)))
    ]
    return frame.draw(marks, total=True)


def _segments(series: Series, frame: Frame, base: list[float]) -> Iterator[str]:
    """Yield the bars of one series, and raise what the next one stands on."""
    free = frame.step * SPACE
    width = frame.step - free
    zero = frame.y(0)
    for index, value in enumerate(series.values):
        if not value:
            continue
        height = max(LEAST, zero - frame.y(value))
        upper = base[index] - height
        # Between two of a bar is a line of the ground, where there is room for it.
        line = 0.7 if height > 2 * LEAST and base[index] < zero else 0
        x, y = n(frame.x(index) + free / 2), n(upper)
        yield f"M{x} {y}h{n(width)}v{n(height - line)}h-{n(width)}z"
        base[index] = upper
