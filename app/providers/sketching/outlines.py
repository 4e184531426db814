"""Outlines: smooth curves, mountain ridges, rolling hills, trees."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.stencils import Point

CURVE_STEPS = 7


def smooth(points: Sequence[Point], *, closed: bool = False) -> list[Point]:
    """A Catmull-Rom curve through the points; a point given twice makes a corner."""
    ends = (
        [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    )
    path: list[Point] = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        if start != end:  # between a corner and itself the curve would loop
            steps = [i / CURVE_STEPS for i in range(CURVE_STEPS)]
            path += [_between(before, start, end, after, step) for step in steps]
    return path if closed else [*path, points[-1]]


def _between(before: Point, start: Point, end: Point, after: Point, t: float) -> Point:
    def axis(a: float, b: float, c: float, d: float) -> float:
        rise = (2 * a - 5 * b + 4 * c - d) * t
        return b + 0.5 * t * (c - a + rise + (3 * (b - c) + d - a) * t * t)

    return axis(before[0], start[0], end[0], after[0]), axis(before[1], start[1], end[1], after[1])


def ridge(
    canvas: Canvas, base: float, height: float, spacing: float, rough: float = 0.5
) -> list[Point]:
    """A jagged skyline from edge to edge: peaks up to `height` above `base`, `spacing` apart."""
    rng = canvas.rng
    count = round(canvas.width / spacing) + 4
    heights = [rng.uniform(0.45, 1) if i % 2 else rng.uniform(0, 0.4) for i in range(count)]
    places = [(i - 1.5 + rng.uniform(-0.25, 0.25)) * spacing for i in range(count)]
    points = [(x, base - y * height) for x, y in zip(places, heights, strict=True)]
    reach = 0.16 * height
    for _ in range(5):
        points = _roughened(rng, points, reach)
        reach *= rough
    return points


def _roughened(rng: Random, points: Sequence[Point], reach: float) -> list[Point]:
    """Midpoint displacement: a point more between every two, up or down by chance."""
    result = [points[0]]
    for (x1, y1), (x2, y2) in pairwise(points):
        result += [((x1 + x2) / 2, (y1 + y2) / 2 + rng.uniform(-reach, reach)), (x2, y2)]
    return result


def hills(canvas: Canvas, base: float, height: float, spacing: float) -> list[Point]:
    """A softly rolling line from edge to edge."""
    rng = canvas.rng
    count = round(canvas.width / spacing) + 4
    return smooth([((i - 1.5) * spacing, base - rng.random() * height) for i in range(count)])


def ground(canvas: Canvas, line: Sequence[Point], floor: float = math.inf) -> list[Point]:
    """The line closed at `floor` (by default below the canvas), to be filled.

    Where a nearer layer will cover the rest, a floor saves painting it.
    """
    floor = min(floor, canvas.height + 2)
    return [*line, (line[-1][0], floor), (line[0][0], floor)]


def height_at(line: Sequence[Point], x: float) -> float:
    """How high the line runs at x."""
    for (x1, y1), (x2, y2) in pairwise(line):
        if x1 <= x < x2:
            return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    return line[-1][1]
