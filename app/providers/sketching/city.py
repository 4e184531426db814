"""A skyline in layers, with lit windows, haze in the streets and sometimes water before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageDraw

from app.providers.sketching import skies
from app.providers.sketching.colours import Colour, brighten, mix
from app.providers.sketching.roofs import block, roof
from app.providers.sketching.water import mirror

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting

FUTURE = ("futuristic", "cyberpunk", "future", "neon")
WATER = ("reflected", "reflection", "river", "rain")
ROWS = 4


@dataclass(frozen=True, slots=True)
class Tower:
    """Where a tower stands and how wide and high it is."""

    left: float
    wide: float
    high: float


def paint_city(canvas: Canvas, setting: Setting) -> None:
    """Towers behind towers."""
    colours = setting.palette
    wet = not setting.focus and (setting.brief.says(*WATER) or canvas.chance(0.45))
    foot = canvas.height * (canvas.rng.uniform(0.74, 0.82) if wet else 1.02)
    skies.sky(canvas, setting, foot * 0.9)
    lights = mix(colours.horizon, colours.accent, 0.3)
    canvas.glow(canvas.width / 2, foot, canvas.width * 0.6, lights, 0.5)
    for row in range(ROWS):
        if row:
            haze = mix(colours.horizon, colours.far, 0.15 + 0.15 * row)
            canvas.mist(haze, foot, (0.35 - 0.05 * row) * canvas.unit)
        _row(canvas, setting, foot, row / (ROWS - 1))
    if wet:
        mirror(canvas, foot, mix(colours.near, colours.zenith, 0.5))


def _row(canvas: Canvas, setting: Setting, foot: float, near: float) -> None:
    """One row of towers from edge to edge; `near` runs from 0, far away, to 1."""
    colours = setting.palette
    tone = mix(mix(colours.far, colours.horizon, 0.45 * (1 - near)), colours.near, 0.85 * near)
    tops = min(0.62 * foot, 0.62 * canvas.unit) * (1 - 0.42 * near)
    towers = _towers(canvas, tops, near)
    # The highest roofs and their masts stay below this.
    stencil = canvas.stencil((0, foot - 1.5 * tops, canvas.width, foot))
    for tower in towers:
        top, right = foot - tower.high, tower.left + tower.wide
        stencil.polygon(block(tower.left, right, top, foot))
        roof(stencil, canvas.rng, (tower.left, top), tower.wide, modern=setting.brief.says(*FUTURE))
    base = mix(tone, colours.horizon, 0.4 * (1 - near))
    canvas.paint(stencil, canvas.gradient([tone, base], foot - tops, foot))
    _sides(canvas, towers, foot, brighten(tone, 0.07))
    for tower in towers if near else ():
        _windows(canvas, tower, foot - tower.high, _lamps(canvas, setting, tone, near))


def _towers(canvas: Canvas, tops: float, near: float) -> list[Tower]:
    """Side by side from edge to edge, the highest downtown, which is somewhere near the middle."""
    rng, unit = canvas.rng, canvas.unit
    towers = []
    left, downtown = -rng.uniform(0, 0.06) * unit, rng.uniform(0.3, 0.7) * canvas.width
    while left < canvas.width:
        wide = unit * rng.uniform(0.035, 0.085) * (1 + 0.35 * near)
        centre = math.exp(-(((left - downtown) / (0.45 * canvas.width)) ** 2))
        high = tops * (0.35 + 0.75 * centre) * rng.choice((0.4, 0.55, 0.7, 0.85, 1))
        towers.append(Tower(left, wide, high))
        left += wide + unit * rng.choice((0, 0, 0.004, 0.02))
    return towers


def _sides(canvas: Canvas, towers: list[Tower], foot: float, tone: Colour) -> None:
    """A lighter face on each tower, which gives it a corner."""
    highest = max(tower.high for tower in towers)
    stencil = canvas.stencil((0, foot - highest, canvas.width, foot))
    for tower in towers:
        right = tower.left + tower.wide * 0.32
        stencil.polygon(block(tower.left, right, foot - tower.high, foot))
    canvas.paint(stencil, tone, 0.5)


@dataclass(frozen=True, slots=True)
class Lamps:
    """The light in one tower: its shades, a dark pane, how many are lit, how far apart."""

    shades: list[Colour]
    pane: Colour
    lit: float
    step: float


def _lamps(canvas: Canvas, setting: Setting, tone: Colour, near: float) -> Lamps:
    """Many lit windows after dark; by day panes that hardly differ from the wall."""
    colours, rng = setting.palette, canvas.rng
    warm = (colours.light, colours.light, mix(colours.light, colours.accent, 0.5), colours.second)
    lamp = mix(rng.choice(warm), tone, 0.3 * (1 - near))
    return Lamps(
        shades=[mix(lamp, tone, dim) for dim in (0, 0.15, 0.4, 0.65)],
        pane=mix(tone, colours.middle, 0.16),
        lit=0.08 if setting.hour in {"day", "dawn"} else rng.uniform(0.2, 0.55),
        step=canvas.unit * (0.0078 + 0.004 * near),
    )


def _windows(canvas: Canvas, tower: Tower, top: float, lamps: Lamps) -> None:
    """Floor by floor. They are drawn pixel by pixel: so small, smoothing would blur them."""
    rng, step = canvas.rng, lamps.step
    columns, floors = max(2, int(tower.wide / step) - 1), int(tower.high / (step * 1.5)) - 1
    pitch = (tower.wide - step * 0.6) / columns
    draw = ImageDraw.Draw(canvas.image)
    for floor in range(floors):
        y = top + step * (0.9 + 1.5 * floor)
        lit = lamps.lit * rng.choice((0.25, 1, 1, 1.6))
        for column in range(columns):
            x = tower.left + step * 0.5 + column * pitch
            shade = rng.choice(lamps.shades) if rng.random() < lit else lamps.pane
            draw.rectangle(
                (round(x), round(y), round(x + pitch * 0.5), round(y + step * 0.8)), shade
            )
