"""Abstract: folds of silk, each ribbon shading into the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.providers.sketching.colours import along, brighten, mix
from app.providers.sketching.outlines import ground

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.palettes import Palette
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point


@dataclass(frozen=True, slots=True)
class Sway:
    """How the folds swing: three waves' phases, how high, how aslant."""

    phases: tuple[float, float, float]
    height: float
    slope: float


def paint_ribbons(canvas: Canvas, setting: Setting) -> None:
    """Waves from top to bottom that lie over one another."""
    colours, rng = setting.palette, canvas.rng
    tones = [colours.zenith, colours.middle, colours.horizon, colours.accent, colours.far]
    tones.append(colours.near)
    canvas.wash(canvas.gradient([colours.near, colours.zenith]))
    one, two, three = (rng.uniform(0, 2 * math.pi) for _ in range(3))
    sway = Sway((one, two, three), canvas.unit * rng.uniform(0.05, 0.13), rng.uniform(-0.4, 0.4))
    folds = rng.randint(6, 10)
    for fold in range(folds):
        share = fold / (folds - 1)
        line = _wave(canvas, canvas.height * (share * 1.1 - 0.06), share, sway)
        _fold(canvas, line, along(tones, share), colours)


def _fold(canvas: Canvas, line: Sequence[Point], tone: Colour, colours: Palette) -> None:
    """One ribbon: the shadow that it throws, its own rounding, a bright edge."""
    unit, low = canvas.unit, max(y for _, y in line)
    shadow = ground(canvas, [(x, y - 0.016 * unit) for x, y in line], low)
    canvas.polygon(shadow, brighten(colours.near, -0.05), 0.4, 0.02 * unit)
    shades = [brighten(mix(tone, colours.light, 0.35), 0.05), tone, brighten(tone, -0.16)]
    canvas.land(line, canvas.gradient(shades, min(y for _, y in line), low + 0.16 * unit))
    edge = [*line, *((x, y + 0.0035 * unit) for x, y in reversed(line))]
    canvas.polygon(edge, colours.light, 0.45)


def _wave(canvas: Canvas, base: float, share: float, sway: Sway) -> list[Point]:
    steps = round(120 * canvas.width / canvas.unit)
    one, two, three = sway.phases
    path = []
    for step in range(-2, steps + 3):
        x = canvas.width * step / steps
        u = x / canvas.unit
        swing = math.sin(3.1 * u + one + 2.2 * share) + 0.5 * math.sin(6.3 * u + two - 3 * share)
        swing += 0.2 * math.sin(11 * u + three + 5 * share)
        path.append((x, base + sway.height * swing + sway.slope * (x - canvas.width / 2)))
    return path
