"""Slopes with conifers on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.providers.sketching.outlines import ground, height_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from app.providers.sketching.canvas import Canvas, Fill
    from app.providers.sketching.stencils import Point


def wooded(
    canvas: Canvas, line: Sequence[Point], fill: Fill, density: float, height: float
) -> None:
    """The land below the line, with `density` pines of about that height to a unit of it."""
    top, low = min(y for _, y in line), max(y for _, y in line)
    shape = canvas.stencil((0, top - 1.4 * height, canvas.width, low))
    shape.polygon(ground(canvas, line))
    for _ in range(round(canvas.width / canvas.unit * density)):
        x = canvas.rng.uniform(-0.03, 1.03) * canvas.width
        tall = height * canvas.rng.uniform(0.55, 1.3)
        shape.polygon(_pine(canvas.rng, x, height_at(line, x) + 0.12 * tall, tall))
    canvas.paint(shape, fill)
    canvas.flood(shape.bottom, fill)


def _pine(rng: Random, x: float, foot: float, height: float) -> list[Point]:
    """A conifer: drooping tiers that widen downwards."""
    tiers = 7
    lean = rng.uniform(-0.02, 0.02) * height
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(1, tiers + 1):
        level = foot - height * (1 - tier / tiers) * 0.97
        reach = height * 0.2 * (tier / tiers) ** 0.85
        top = x + lean * (1 - tier / tiers)
        for side, out in ((left, -1), (right, 1)):
            wide = reach * rng.uniform(0.8, 1.15)
            side.append((top + out * wide, level + height * 0.015))
            side.append((top + out * wide * 0.45, level - height * 0.012))
    return [(x + lean, foot - height), *right, *reversed(left)]
