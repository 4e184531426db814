"""Dunes with a lit and a shaded side."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import ImageChops

from app.providers.sketching import skies
from app.providers.sketching.colours import brighten, mix, saturate
from app.providers.sketching.masks import curve
from app.providers.sketching.outlines import hills, smooth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point, Stencil

DUNES = 5
SAND: Colour = (214, 150, 84)


def paint_desert(canvas: Canvas, setting: Setting) -> None:
    """A sea of dunes under a wide sky."""
    horizon = canvas.height * canvas.rng.uniform(0.48, 0.58)
    sun = skies.sky(canvas, setting, horizon)
    if setting.brief.says("pyramid") or canvas.chance(0.2):
        _pyramids(canvas, setting, horizon, sun)
    side = 1 if sun[0] < canvas.width / 2 else -1
    for dune in range(DUNES):
        base = horizon + (canvas.height - horizon) * (dune / DUNES) ** 1.2
        depth = (dune + 1) / DUNES
        _dune(canvas, base, depth, side, _sides(setting, depth))
    if setting.brief.says("cactus") or canvas.chance(0.25):
        _cactus(canvas, setting)


def _sides(setting: Setting, depth: float) -> tuple[Colour, Colour]:
    """The sand in the light and in the shade."""
    colours = setting.palette
    sand = colours.far if setting.brief.colours else mix(colours.far, SAND, 0.7)
    if setting.dark:
        sand = mix(sand, colours.near, 0.55)
    lit = mix(sand, colours.horizon, 0.45 * (1 - depth))
    lit = mix(lit, colours.light, 0.05 if setting.dark else 0.15)
    shade = brighten(saturate(lit, 1.25), -0.2 - 0.12 * depth)
    return lit, mix(shade, colours.near, 0.25)


def _dune(
    canvas: Canvas, base: float, depth: float, side: int, tones: tuple[Colour, Colour]
) -> None:
    """A crest from edge to edge; the slopes away from the light lie in shadow."""
    unit, (lit, shade) = canvas.unit, tones
    line = hills(canvas, base, unit * (0.06 + 0.13 * depth), unit * (0.3 + 0.25 * depth))
    top = min(y for _, y in line)
    slope = [brighten(lit, 0.03), mix(lit, shade, 0.55)]
    canvas.land(line, canvas.gradient(slope, top, top + unit * (0.1 + 0.4 * depth)))
    low = max(y for _, y in line) + unit * (0.3 + 0.5 * depth)
    shadow = canvas.stencil((0, top, canvas.width, low))
    for crest in _crests(line):
        shadow.polygon(_lee(canvas.rng, line, crest, side, unit * (0.1 + 0.22 * depth)))
    fall = [shade, mix(shade, lit, 0.75)]
    canvas.paint(shadow, canvas.gradient(fall, top, top + unit * (0.14 + 0.34 * depth)), 0.92)
    if depth == 1:
        _ripples(canvas, top, shade)


def _crests(line: Sequence[Point]) -> list[Point]:
    middles = zip(line, line[1:], line[2:], strict=False)
    return [here for before, here, after in middles if before[1] > here[1] <= after[1]]


def _lee(rng: Random, line: Sequence[Point], crest: Point, side: int, drop: float) -> list[Point]:
    """The shaded side: along the crest line to the next trough, down, and back in an S."""
    x, y = crest
    ahead = [point for point in line if (point[0] - x) * side >= 0][::side]
    lowest = next((i for i, (a, b) in enumerate(pairwise(ahead), 1) if b[1] < a[1]), len(ahead))
    slope = ahead[:lowest]
    end = slope[-1]
    bend = side * drop * rng.uniform(0.25, 0.5)
    foot = [
        *(end, (end[0] + bend, end[1] + 0.5 * drop), (end[0] + 1.6 * bend, y + 2 * drop)),
        *((x + 1.3 * bend, y + 2 * drop), (x - 0.2 * bend, y + 1.15 * drop)),
        *((x + 0.9 * bend, y + 0.62 * drop), (x + 0.55 * bend, y + 0.2 * drop), crest),
    ]
    return [*slope, *smooth(foot)]


def _ripples(canvas: Canvas, top: float, shade: Colour) -> None:
    """Wind ripples on the nearest dune."""
    noise = canvas.clouds(9, octaves=2, stretch=5).point(curve(0.45, 0.8, peak=0.3))
    canvas.shade(shade, ImageChops.multiply(noise, canvas.band(canvas.height, canvas.height - top)))


def _pyramids(canvas: Canvas, setting: Setting, horizon: float, sun: Point) -> None:
    colours, rng = setting.palette, canvas.rng
    for _ in range(rng.randint(2, 3)):
        x, size = rng.uniform(0.1, 0.9) * canvas.width, canvas.unit * rng.uniform(0.08, 0.2)
        foot, tone = horizon + 0.05 * canvas.unit, mix(colours.far, colours.horizon, 0.3)
        peak = (x, horizon - size * 0.75)
        edge = x + size * (0.25 if sun[0] < x else -0.25)
        left, right = brighten(tone, 0.08), brighten(tone, -0.1)
        if sun[0] > x:
            left, right = right, left
        canvas.polygon([peak, (x - size, foot), (edge, foot)], left)
        canvas.polygon([peak, (edge, foot), (x + size, foot)], right)


def _cactus(canvas: Canvas, setting: Setting) -> None:
    rng = canvas.rng
    x, foot = rng.choice((0.16, 0.84)) * canvas.width, canvas.height * 0.93
    tall = canvas.unit * rng.uniform(0.2, 0.3)
    thick = tall * 0.13
    stencil = canvas.stencil((x - tall, foot - 1.2 * tall, x + tall, foot + thick))
    _limb(stencil, [(x, foot), (x, foot - tall)], thick)
    for side, low, high in ((-1, 0.4, 0.72), (1, 0.52, 0.86)):
        out = x + side * tall * 0.24
        bend = [(x, foot - low * tall), (out, foot - low * tall), (out, foot - high * tall)]
        _limb(stencil, bend, thick * 0.7)
    canvas.paint(stencil, setting.palette.near)


def _limb(stencil: Stencil, path: Sequence[Point], thick: float) -> None:
    stencil.line(path, thick)
    for x, y in path:
        stencil.ellipse(x, y, thick / 2)
