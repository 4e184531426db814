"""The sea: a horizon, the light's path on the water, and what sails there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.providers.sketching import skies
from app.providers.sketching.colours import brighten, mix
from app.providers.sketching.offshore import (
    paint_beach,
    paint_headlands,
    paint_lighthouse,
    paint_sailboat,
)
from app.providers.sketching.outlines import ground, hills
from app.providers.sketching.water import ripples

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

WAVES = 9
LAND = ("island", "coast", "bay", "lighthouse", "insel")
BOAT = ("boat", "ship", "sailboat", "sail")
SHORE = ("beach", "coast", "shore", "strand", "plage", "playa", "sand")


def paint_sea(canvas: Canvas, setting: Setting) -> None:
    """Open water under the sky."""
    rng = canvas.rng
    horizon = round(canvas.height * rng.uniform(0.46, 0.6))
    sun = skies.sky(canvas, setting, horizon)
    if setting.brief.says(*LAND) or canvas.chance(0.5):
        paint_headlands(canvas, setting, horizon)
    _water(canvas, setting, horizon)
    _glitter(canvas, setting, horizon, sun)
    if setting.brief.says("lighthouse"):
        paint_lighthouse(canvas, setting, horizon)
    elif setting.brief.says(*BOAT) or canvas.chance(0.4):
        paint_sailboat(canvas, setting, horizon)
    if setting.brief.says(*SHORE):
        paint_beach(canvas, setting)


def _water(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """Long waves, larger and darker as they come near."""
    colours, unit = setting.palette, canvas.unit
    far = mix(colours.horizon, colours.middle, 0.45)
    middle = mix(colours.middle, colours.zenith, 0.6)
    deep = mix(colours.zenith, colours.near, 0.65)
    canvas.flood(horizon, canvas.gradient([far, middle, deep], horizon))
    rough = 2.2 if setting.weather == "storm" else 1.0
    for wave in range(1, WAVES):
        near = (wave / WAVES) ** 1.7
        base = horizon + (canvas.height - horizon) * near
        line = hills(canvas, base, unit * 0.045 * near * rough, unit * (0.05 + 0.2 * near))
        crest = mix(mix(colours.middle, colours.zenith, near), colours.near, 0.55 * near)
        slope = [brighten(crest, 0.05), mix(crest, colours.near, 0.3)]
        fill = canvas.gradient(slope, base - unit * 0.04, base + unit * (0.03 + 0.16 * near))
        canvas.polygon(ground(canvas, line), fill, 0.45)
    ripples(canvas, horizon, colours.horizon, 0.35)


def _glitter(canvas: Canvas, setting: Setting, horizon: float, sun: Point) -> None:
    """The path of light: dashes below the sun, close together at the horizon."""
    colours, unit, rng = setting.palette, canvas.unit, canvas.rng
    canvas.glow(sun[0], horizon, unit * 0.3, colours.light, 0.25)
    stencil = canvas.stencil((0, horizon, canvas.width, canvas.height))
    for _ in range(240):
        near = rng.random() ** 1.6
        x = rng.gauss(sun[0], unit * (0.025 + 0.08 * near))
        y = horizon + 2 + (canvas.height - horizon) * near
        wide, high = unit * rng.uniform(0.006, 0.035) * (0.35 + near), 0.0008 + 0.0028 * near
        stencil.ellipse(x, y, wide, unit * high, level=rng.randint(90, 255))
    tone = mix(colours.light, colours.horizon, 0.15)
    canvas.paint(stencil, tone, 0.35 if setting.overcast else 0.85)
