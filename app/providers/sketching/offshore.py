"""What stands in the sea or beside it: headlands, a sailing boat, a lighthouse, a beach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageChops

from app.providers.sketching.colours import Colour, mix
from app.providers.sketching.masks import curve
from app.providers.sketching.outlines import ground, hills, ridge, smooth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

SAND: Colour = (226, 196, 150)
FOAM: Colour = (255, 255, 255)


def paint_headlands(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """Two tongues of land that sink into the sea."""
    colours, unit = setting.palette, canvas.unit
    for layer in range(2):
        line = ridge(canvas, 0, unit * (0.12 - 0.03 * layer), unit * 0.16)
        shore = 0 if canvas.chance(0.5) else canvas.width
        reach = canvas.rng.uniform(0.25, 0.55) * canvas.width
        sunk = [(x, horizon + 2 + min(0, y) * max(0, 1 - abs(x - shore) / reach)) for x, y in line]
        tone = mix(colours.far, colours.horizon, 0.45 - 0.25 * layer)
        pale = mix(tone, colours.horizon, 0.4)
        fill = canvas.gradient([tone, pale], horizon - 0.12 * unit, horizon)
        canvas.polygon([*sunk, (canvas.width, horizon + 2), (0, horizon + 2)], fill)


def paint_sailboat(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """A sloop under full sail, and its reflection."""
    colours, rng = setting.palette, canvas.rng
    size = canvas.unit * rng.uniform(0.09, 0.17)
    x = canvas.width * rng.uniform(0.22, 0.78)
    y = horizon + min(size * 0.55, (canvas.height - horizon) * 0.3)

    def placed(points: Sequence[Point]) -> list[Point]:
        return [(x + u * size, y + v * size) for u, v in points]

    dark = mix(colours.near, colours.far, 0.15)
    sail = mix(colours.light, colours.far, 0.55 if setting.dark else 0.1)
    shaded = canvas.gradient([sail, mix(sail, colours.accent, 0.35)], y - size, y)
    canvas.polygon(placed(HULL), dark)
    canvas.polygon(placed([*smooth(MAINSAIL), (0, -0.17)]), shaded)
    canvas.polygon(placed([*smooth(JIB), (-0.03, -0.17)]), mix(sail, colours.accent, 0.2))
    reflection = canvas.stencil((x - size, y, x + size, y + size))
    for row in range(9):
        centre, level = x + rng.uniform(-0.06, 0.06) * size, y + size * (0.09 + 0.07 * row)
        reflection.ellipse(centre, level, size * (0.4 - 0.035 * row), size * 0.016)
    canvas.paint(reflection, dark, 0.5)


HULL = ((-0.42, -0.1), (0.46, -0.12), (0.3, 0.05), (-0.3, 0.05))
MAINSAIL = ((0, -1.1), (0, -1.1), (0.3, -0.6), (0.44, -0.17), (0.44, -0.17))
JIB = ((-0.03, -0.98), (-0.03, -0.98), (-0.2, -0.5), (-0.36, -0.17), (-0.36, -0.17))


def paint_lighthouse(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """A striped tower on a rock, its lamp lit."""
    colours, unit = setting.palette, canvas.unit
    x, y = canvas.width * canvas.rng.choice((0.24, 0.76)), horizon + 0.02 * unit

    def placed(points: Sequence[Point]) -> list[Point]:
        return [(x + u * unit, y + v * unit) for u, v in points]

    lamp = (x, y - 0.33 * unit)
    canvas.glow(*lamp, 0.35 * unit, colours.light, 0.7)
    for side in (-1, 1):
        ends = [(side * 1.5, -0.5), (side * 1.5, -0.3)]
        canvas.polygon([lamp, *placed(ends)], colours.light, 0.16, 0.004 * unit)
    canvas.polygon(placed(_tapered(-0.3, 0)), mix(colours.light, colours.far, 0.3))
    for top in (-0.26, -0.165, -0.07):
        canvas.polygon(placed(_tapered(top, top + 0.048)), mix(colours.accent, colours.near, 0.2))
    canvas.polygon(placed(LANTERN), colours.light)
    canvas.polygon(placed(CAP), colours.near)
    canvas.polygon(placed(smooth(ROCK)), colours.near)


LANTERN = ((-0.024, -0.36), (0.024, -0.36), (0.024, -0.3), (-0.024, -0.3))
CAP = ((-0.034, -0.36), (0.034, -0.36), (0, -0.41))
ROCK = ((-0.24, 0.06), (-0.15, -0.03), (0, -0.06), (0.14, -0.02), (0.26, 0.06))


def _tapered(top: float, bottom: float) -> list[Point]:
    """A part of the tower, which widens towards its foot at 0."""
    high, low = 0.051 + 0.057 * top, 0.051 + 0.057 * bottom
    return [(-high, top), (high, top), (low, bottom), (-low, bottom)]


def paint_beach(canvas: Canvas, setting: Setting) -> None:
    """Wet sand and the foam that runs up on it."""
    colours, unit, base = setting.palette, canvas.unit, canvas.height * 0.9
    sand = mix(mix(SAND, colours.horizon, 0.3), colours.near, 0.6 if setting.dark else 0.12)
    foam = mix(FOAM, colours.near, 0.5 if setting.dark else 0.0)
    for lift, tone, opacity in (
        (0.05, mix(sand, colours.middle, 0.5), 0.6),
        (0.02, foam, 0.7),
        (0.008, mix(sand, colours.near, 0.25), 1.0),
        (0.0, sand, 1.0),
    ):
        line = hills(canvas, base - lift * unit, 0.03 * unit, 0.3 * unit)
        canvas.polygon(ground(canvas, line), tone, opacity)
    grains = canvas.clouds(40, octaves=2).point(curve(0.5, 0.9, peak=0.25))
    low = canvas.band(canvas.height, canvas.height - base)
    canvas.shade(mix(sand, colours.near, 0.5), ImageChops.multiply(grains, low))
