"""What falls: snow, rain, leaves or blossom."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.providers.sketching.colours import Colour, mix

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

WHITE: Colour = (255, 255, 255)


def paint_weather(canvas: Canvas, setting: Setting) -> None:
    """The weather or season, over a finished scene."""
    match setting.weather:
        case "snow":
            _snow(canvas)
        case "storm" | "rain":
            _rain(canvas, setting)
        case "fog":
            canvas.mist(setting.palette.horizon, 0.62 * canvas.height, 0.5 * canvas.height)
        case "autumn" | "spring":
            _leaves(canvas, setting)


def _count(canvas: Canvas, density: float) -> int:
    """How many that makes: the density is for a square whose side is the unit."""
    return round(density * canvas.width * canvas.height / canvas.unit**2)


def _snow(canvas: Canvas) -> None:
    """Flakes near and far; the nearest are out of focus."""
    rng, unit = canvas.rng, canvas.unit
    for size, density, blur in ((0.0022, 160, 0.0), (0.0045, 60, 0.0), (0.011, 14, 0.004)):
        stencil = canvas.stencil()
        for _ in range(_count(canvas, density)):
            x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
            stencil.ellipse(x, y, size * unit * rng.uniform(0.6, 1.2))
        canvas.paint(stencil, WHITE, 0.8, blur * unit)


def _rain(canvas: Canvas, setting: Setting) -> None:
    rng, stencil = canvas.rng, canvas.stencil()
    slant = rng.uniform(-0.25, 0.25)
    for _ in range(_count(canvas, 260)):
        x, y = rng.uniform(-0.1, 1.1) * canvas.width, rng.uniform(-0.05, 1) * canvas.height
        long = canvas.unit * rng.uniform(0.02, 0.06)
        end = (x + slant * long, y + long)
        stencil.line([(x, y), end], canvas.unit / 900, rng.randint(40, 130))
    canvas.paint(stencil, mix(setting.palette.light, WHITE, 0.4))


def _leaves(canvas: Canvas, setting: Setting) -> None:
    rng = canvas.rng
    for colour in (setting.palette.accent, setting.palette.second):
        stencil = canvas.stencil()
        for _ in range(_count(canvas, 16)):
            place = (rng.uniform(0, canvas.width), rng.uniform(0, canvas.height))
            size, turn = canvas.unit * rng.uniform(0.006, 0.014), rng.uniform(0, math.pi)
            stencil.polygon(_leaf(place, size, turn))
        canvas.paint(stencil, colour, 0.9)


def _leaf(place: Point, size: float, turn: float) -> list[Point]:
    (x, y), cos, sin = place, math.cos(turn), math.sin(turn)
    angles = [i * math.pi / 8 for i in range(16)]
    oval = [(math.cos(a) * size, math.sin(a) * size * 0.45) for a in angles]
    return [(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in oval]
