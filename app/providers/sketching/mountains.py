"""Mountains in layers, with mist between them, a lake at times, or northern lights above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from app.providers.sketching import skies
from app.providers.sketching.colours import brighten, mix
from app.providers.sketching.masks import curve
from app.providers.sketching.outlines import height_at, hills, ridge
from app.providers.sketching.palettes import SNOW
from app.providers.sketching.pines import wooded
from app.providers.sketching.water import mirror

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point, Stencil


RANGES = 3


def paint_mountains(canvas: Canvas, setting: Setting) -> None:
    """Ranges that fade with distance."""
    rng = canvas.rng
    # With someone in front, the peaks stay low enough for the light behind them.
    horizon = canvas.height * (rng.uniform(0.56, 0.66) + (0.1 if setting.focus else 0))
    sun = skies.sky(canvas, setting, horizon)
    _ranges(canvas, setting, horizon, sun)
    wants_lake = setting.brief.says("lake", "river", "reflection", "reflected", "lac", "lago")
    if wants_lake or (setting.focus is None and canvas.chance(0.3)):
        mirror(canvas, horizon + 0.1 * canvas.unit, setting.palette.middle)
    else:
        _foothills(canvas, setting, horizon)
    if setting.brief.says("balloon"):
        _balloon(canvas, setting, horizon)


def paint_aurora(canvas: Canvas, setting: Setting) -> None:
    """Northern lights over dark ranges."""
    colours, rng = setting.palette, canvas.rng
    horizon = canvas.height * rng.uniform(0.68, 0.76)
    canvas.wash(canvas.gradient([colours.zenith, colours.middle, colours.far], 0, horizon))
    skies.stars(canvas, horizon, 160)
    for tone in (mix(colours.accent, (80, 240, 170), 0.4), colours.second, colours.accent):
        _curtain(canvas, horizon, tone)
    _ranges(canvas, setting, horizon, (canvas.width / 2, 0))
    _foothills(canvas, setting, horizon)


def _ranges(canvas: Canvas, setting: Setting, horizon: float, sun: Point) -> None:
    colours, unit, rng = setting.palette, canvas.unit, canvas.rng
    haze = mix(colours.horizon, colours.far, 0.25)
    winter = setting.weather == "snow" or canvas.chance(0.3)
    for layer in range(RANGES):
        depth = layer / RANGES
        height = unit * (0.34 - 0.07 * layer) * rng.uniform(0.75, 1.1)
        height *= 0.6 if setting.focus else 1
        base = horizon + unit * (0.1 * depth - 0.02)
        line = ridge(canvas, base, height, unit * rng.uniform(0.17, 0.26))
        tone = mix(mix(haze, colours.far, 0.45 + 0.55 * depth), colours.near, 0.34 * depth)
        top = min(y for _, y in line)
        canvas.land(line, canvas.gradient([tone, mix(tone, haze, 0.75)], top, base + 0.05 * unit))
        light = mix(tone, SNOW, 0.62) if winter else mix(tone, colours.light, 0.3)
        light = mix(light, tone, 0.5) if setting.dark else light
        fade = canvas.gradient([light, tone], top, top + unit * (0.22 if winter else 0.3))
        canvas.paint(_faces(canvas, line, sun), fade, 0.75 - 0.2 * layer)
    canvas.mist(haze, horizon, 0.16 * unit)


def _faces(canvas: Canvas, line: Sequence[Point], sun: Point) -> Stencil:
    """The sides of the peaks that the light falls on; in winter, that is where snow shows."""
    peaks = [
        (x, y)
        for i, (x, y) in enumerate(line[24:-24], 24)
        if y == min(height for _, height in line[i - 24 : i + 25])
    ]
    top, low = min(y for _, y in line), max((y for _, y in peaks), default=0.0)
    stencil = canvas.stencil((0, top, canvas.width, low + 0.3 * canvas.unit))
    for peak in peaks:
        stencil.polygon(_face(canvas, line, peak, -1 if sun[0] < peak[0] else 1))
    return stencil


def _face(canvas: Canvas, line: Sequence[Point], peak: Point, side: int) -> list[Point]:
    """From the peak down the ridge on the lit side, and back up along a broken line."""
    rng = canvas.rng
    reach = canvas.unit * 0.11
    slope = [(x, y + 0.5) for x, y in line if 0 <= (x - peak[0]) * side <= reach][::side]
    foot = (peak[0] + side * reach * 0.4, peak[1] + canvas.unit * 0.26)
    steps = 9
    back = []
    for step in range(steps, 0, -1):
        share = step / steps
        x = peak[0] + (foot[0] - peak[0]) * share + rng.uniform(-1, 1) * 0.02 * canvas.unit
        back.append((x, peak[1] + (foot[1] - peak[1]) * share))
    return [peak, *slope, *back]


def _foothills(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """Three rows of hills with pines on them, the nearest almost black."""
    colours, unit = setting.palette, canvas.unit
    room = canvas.height - horizon
    for row, (count, height) in enumerate(((26, 0.03), (22, 0.055), (12, 0.12))):
        near, base = (row + 1) / 3, horizon + room * (0.14 + 0.3 * row)
        line = hills(canvas, base, 0.1 * unit, 0.28 * unit)
        tone = mix(mix(colours.far, colours.horizon, 0.15), colours.near, 0.3 + 0.7 * near)
        low = mix(tone, colours.horizon, 0.3 * (1 - near))
        fill = canvas.gradient([tone, low], base - 0.1 * unit, base + room * 0.4)
        wooded(canvas, line, fill, count, height * unit)
        if near < 1:
            canvas.mist(mix(colours.horizon, tone, 0.3), base + 0.12 * room, 0.16 * room)


def _balloon(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """Two hot-air balloons, one far off."""
    colours, rng = setting.palette, canvas.rng
    for size, tone in ((0.085, colours.accent), (0.04, colours.second)):
        r = size * canvas.unit
        x, y = rng.uniform(0.15, 0.85) * canvas.width, horizon * rng.uniform(0.25, 0.55)
        box = (x - r, y - r, x + r, y + 2 * r)
        envelope, stripes = canvas.stencil(box), canvas.stencil(box)
        envelope.ellipse(x, y, r)
        envelope.polygon(_trapezium(x, (y + 0.35 * r, 0.93 * r), (y + 1.45 * r, 0.16 * r)))
        for width in (0.62, 0.24):
            stripes.ellipse(x, y + 0.1 * r, width * r, 1.08 * r)
            stripes.ellipse(x, y + 0.1 * r, (width - 0.19) * r, 1.05 * r, level=0)
        rounded = [brighten(tone, 0.1), brighten(tone, -0.12)]
        canvas.paint(envelope, canvas.gradient(rounded, y - r, y + 1.5 * r))
        canvas.paint(stripes, colours.light, 0.75)
        basket = _trapezium(x, (y + 1.62 * r, 0.14 * r), (y + 1.86 * r, 0.11 * r))
        canvas.polygon(basket, colours.near)


def _trapezium(x: float, top: Point, bottom: Point) -> list[Point]:
    """Around a vertical at x; each end is its height and half its width."""
    (high, upper), (low, lower) = top, bottom
    return [(x - upper, high), (x + upper, high), (x + lower, low), (x - lower, low)]


CURTAIN = (256, 128)  # light without edges: this many pixels carry it
STRIPS = 64
RAY_PEAK = 0.85


def _curtain(canvas: Canvas, horizon: float, tone: Colour) -> None:
    """One curtain of light: fine rays that end sharply below, hung along a winding line."""
    rng = canvas.rng
    width, height = CURTAIN
    rays = Image.frombytes("L", (48, 1), rng.randbytes(48)).resize(
        CURTAIN, Image.Resampling.BICUBIC
    )
    fall = Image.new("L", (1, height))
    fall.putdata([_fall(y / height) for y in range(height)])
    light = ImageChops.multiply(rays.point(curve(-0.5, 1)), fall.resize(CURTAIN))
    line = hills(canvas, 0.0, 1.0, canvas.width / 6)
    waves = [height_at(line, canvas.width * i / STRIPS) for i in range(STRIPS + 1)]
    step = width // STRIPS
    hung = Image.new("L", CURTAIN)
    for i in range(STRIPS):
        strip = light.crop((i * step, 0, (i + 1) * step, height))
        hung.paste(strip, (i * step, round((waves[i] + 0.55) * 0.5 * height)))
    top = horizon * rng.uniform(-0.1, 0.15)
    mask = Image.new("L", canvas.soft_size)
    scale = mask.height / canvas.height
    hung = hung.resize((mask.width, round((horizon - top) * scale)), Image.Resampling.BICUBIC)
    mask.paste(hung, (0, round(top * scale)))
    canvas.shade(tone, mask)


def _fall(share: float) -> int:
    """How bright a ray is from its top (0) to its foot (1)."""
    return round(235 * min(math.pow(share / RAY_PEAK, 2.2), (1 - share) / (1 - RAY_PEAK)))
