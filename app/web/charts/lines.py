"""Lines over time, with gaps where nothing is known (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from app.web.charts.frame import LETTER, RIGHT, Frame, Size, n
from app.web.charts.plot import Plot, Series

# Names of lines up to so many letters stand at their ends.
SHORT_NAME = 6
APART = 13

_PATH = Markup('<path class="line l{}" d="{}"/>')
_DOT = Markup('<circle class="dot s{}" cx="{}" cy="{}" r="3"/>')
_NAME = Markup('<text class="axis name" x="{}" y="{}">{}</text>')


def lines(plot: Plot, size: Size) -> Markup:
    """Return the drawing: a line for each series, with its name at the end where that is short."""
    named = len(plot.series) > 1 and all(len(each.name) <= SHORT_NAME for each in plot.series)
    room = max(len(each.name) for each in plot.series) * LETTER + RIGHT if named else RIGHT
    frame = Frame(plot, size, plot.top(), right=room)
    marks = [mark for each in plot.series for mark in _line(each, frame)]
    names = list(_names(plot.series, frame)) if named else []
    return frame.draw([*marks, *names], total=False)


def runs(values: Sequence[float | None]) -> Iterator[range]:
    """Yield the stretches between gaps, as indexes."""
    start = None
    for index, value in enumerate([*values, None]):
        if value is None and start is not None:
            yield range(start, index)
            start = None
        elif value is not None and start is None:
            start = index


def _line(series: Series, frame: Frame) -> Iterator[Markup]:
    path = ""
    for run in runs(series.values):
        points = [(frame.middle(index), frame.y(series.values[index] or 0)) for index in run]
        if len(points) == 1:
            # A line of one point would not be seen.
            yield _DOT.format(series.mark, n(points[0][0]), n(points[0][1]))
        else:
            path += "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points)
    if path:
        yield _PATH.format(series.mark, path)


def _names(series: Sequence[Series], frame: Frame) -> Iterator[Markup]:
    """Yield the names beside the last points, pushed apart from above."""
    ends = []
    for each in series:
        last = next((value for value in reversed(each.values) if value is not None), None)
        if last is not None:
            ends.append((frame.y(last), each.name))
    places = apart([y for y, _ in sorted(ends)], frame.bottom)
    for y, (_, name) in zip(places, sorted(ends), strict=True):
        yield _NAME.format(n(frame.right + 4), n(y + 4), name)


def apart(places: Sequence[float], lowest: float) -> list[float]:
    """Return rising places moved as little as need be to be APART, none below `lowest`."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + APART) if moved else place)
    limit = lowest
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - APART
    return moved
