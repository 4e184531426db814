"""Blooms on curved stems before a soft ground."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from app.providers.sketching.colours import Colour, brighten, mix, pull
from app.providers.sketching.outlines import smooth
from app.providers.sketching.palettes import LEAF

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point


Petals: TypeAlias = tuple[tuple[float, int, float], ...]
"""Rings from the outermost in: how far they reach, how many petals, how broad each is."""


@dataclass(frozen=True, slots=True)
class Bloom:
    """One flower: where its head is, how large, how near (0 to 1)."""

    head: Point
    size: float
    near: float
    petals: Petals


def paint_flower(canvas: Canvas, setting: Setting) -> None:
    """A few large flowers, smaller and paler ones behind them."""
    rng = canvas.rng
    _backdrop(canvas, setting)
    count = max(3, round(3 * canvas.width / canvas.unit))
    petals = rng.choice(KINDS)
    for near in (0.0, 0.4, 1.0):
        for i in range(count):
            x = (i + rng.uniform(0.2, 0.8)) / count * canvas.width
            y = canvas.height * (rng.uniform(0.22, 0.62) + (1 - near) * 0.06)
            size = canvas.unit * (0.05 + 0.1 * near) * rng.uniform(0.85, 1.25)
            _flower(canvas, setting, Bloom((x, y), size, near, petals))


def _backdrop(canvas: Canvas, setting: Setting) -> None:
    colours, rng = setting.palette, canvas.rng
    green = _green(setting)
    low = mix(green, colours.horizon, 0.25)
    canvas.wash(canvas.gradient([colours.middle, colours.horizon, low]))
    for _ in range(16):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        tone = rng.choice((colours.light, colours.second, colours.horizon, green))
        canvas.glow(x, y, canvas.unit * rng.uniform(0.06, 0.22), tone, 0.4)


def _green(setting: Setting) -> Colour:
    return pull(mix(setting.palette.near, setting.palette.far, 0.35), LEAF, 0.6)


def _flower(canvas: Canvas, setting: Setting, bloom: Bloom) -> None:
    colours, away = setting.palette, 1 - bloom.near
    veil = mix(colours.horizon, colours.middle, 0.4)
    pale = mix(colours.accent, colours.light, 0.55)
    tone = canvas.rng.choice((colours.accent, colours.accent, colours.second, pale))
    heart = mix(colours.second if tone == colours.accent else colours.light, colours.near, 0.15)
    _stem(canvas, bloom, mix(_green(setting), veil, 0.65 * away))
    _rings(canvas, bloom, mix(tone, veil, 0.6 * away))
    _heart(canvas, bloom, mix(heart, veil, 0.6 * away))


def _stem(canvas: Canvas, bloom: Bloom, tone: Colour) -> None:
    """A bent stem down to the lower edge, with three leaves."""
    rng, size, (x, y) = canvas.rng, bloom.size, bloom.head
    foot = x + rng.uniform(-1.2, 1.2) * size
    middle = (x + rng.uniform(-0.3, 0.3) * size, (y + canvas.height + size) * 0.5)
    path = smooth([bloom.head, middle, (foot, canvas.height + size)])
    reach = 2 * size
    shape = canvas.stencil((min(x, foot) - reach, y, max(x, foot) + reach, canvas.height))
    shape.line(path, size * 0.075)
    for share, side in ((0.45, 1), (0.62, -1), (0.8, 1)):
        start = path[round(share * (len(path) - 1))]
        turn = -math.pi / 2 + side * rng.uniform(0.5, 1)
        shape.polygon(_petal(start, size * rng.uniform(1.2, 1.8), 0.17, turn))
    canvas.paint(shape, canvas.gradient([brighten(tone, 0.08), brighten(tone, -0.1)], y))


# Each petal is drawn four times, smaller and lighter: an edge, the blade, its middle.
SHADES = ((1.0, -0.07), (0.96, 0.0), (0.8, 0.035), (0.6, 0.06))


def _rings(canvas: Canvas, bloom: Bloom, tone: Colour) -> None:
    """Ring upon ring of petals, each nearer the middle and lighter."""
    rng = canvas.rng
    inset = canvas.inset(bloom.head, 1.1 * bloom.size, brighten(tone, -0.07))
    for ring, (reach, count, broad) in enumerate(bloom.petals):
        start = rng.uniform(0, math.pi)
        # Every other petal lies below: two passes give each an edge against its neighbours.
        for i in (*range(0, count, 2), *range(1, count, 2)):
            turn = start + i * 2 * math.pi / count
            shade = 0.025 * ring - 0.03 - 0.05 * (1 - i % 2) + rng.uniform(-0.02, 0.02)
            for scale, change in SHADES:
                long, wide = bloom.size * reach * scale, broad * scale**0.5
                inset.polygon(_petal(bloom.head, long, wide, turn), brighten(tone, shade + change))
    inset.place()
    canvas.glow(*bloom.head, bloom.size * bloom.petals[-1][0], brighten(tone, -0.2), 0.55)


OUTLINE = smooth(
    [
        *((0, 0), (0, 0), (0.35, 0.75), (0.72, 1), (0.95, 0.5)),
        *((1, 0), (0.95, -0.5), (0.72, -1), (0.35, -0.75)),
    ],
    closed=True,
)[::2]


def _petal(base: Point, long: float, broad: float, turn: float) -> list[Point]:
    """A petal from its base outwards; `broad` is its half width as a share of its length."""
    x, y = base
    cos, sin = math.cos(turn) * long, math.sin(turn) * long
    return [(x + u * cos - v * broad * sin, y + u * sin + v * broad * cos) for u, v in OUTLINE]


def _heart(canvas: Canvas, bloom: Bloom, tone: Colour) -> None:
    """The middle, with seeds in the sunflower's spiral: each a golden angle on from the last."""
    x, y = bloom.head
    size = bloom.size * bloom.petals[-1][0] * 0.45
    rounded = [brighten(tone, 0.06), brighten(tone, -0.18)]
    canvas.disc(x, y, size, canvas.gradient(rounded, y - size, y + size))
    seeds = canvas.stencil((x - size, y - size, x + size, y + size))
    for i in range(60):
        far, angle = size * 0.95 * math.sqrt(i / 60), i * GOLDEN_ANGLE
        dot = (x + far * math.cos(angle), y + far * math.sin(angle))
        seeds.ellipse(*dot, size * 0.055, level=canvas.rng.randint(120, 255))
    canvas.paint(seeds, brighten(tone, -0.28), 0.8 * bloom.near)


GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
KINDS: tuple[Petals, ...] = (
    ((1.0, 14, 0.15), (0.92, 14, 0.14)),  # a daisy
    ((1.0, 8, 0.34), (0.8, 8, 0.32), (0.58, 7, 0.32), (0.38, 6, 0.36)),  # a peony
    ((1.0, 6, 0.5), (0.78, 5, 0.5)),  # a poppy
    ((1.05, 10, 0.22), (0.85, 10, 0.24), (0.62, 8, 0.26)),  # a lotus, a dahlia
)
