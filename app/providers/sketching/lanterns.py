"""Paper lanterns that float over dark water, and lights out of focus behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.providers.sketching.colours import Colour, brighten, mix
from app.providers.sketching.outlines import hills, smooth
from app.providers.sketching.water import mirror

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

WARM: Colour = (255, 196, 112)
FLAME: Colour = (255, 250, 228)


def paint_lanterns(canvas: Canvas, setting: Setting) -> None:
    """Lanterns near and far, and their mirror below."""
    colours, rng, unit = setting.palette, canvas.rng, canvas.unit
    shore = canvas.height * rng.uniform(0.72, 0.8)
    dusk = [brighten(colours.near, -0.02), colours.zenith, mix(colours.middle, colours.near, 0.3)]
    canvas.wash(canvas.gradient(dusk, 0, shore))
    line = hills(canvas, shore - 0.02 * unit, 0.14 * unit, 0.3 * unit)
    canvas.land(line, mix(colours.near, colours.zenith, 0.35))
    _bokeh(canvas, setting, shore)
    tones = [colours.accent, colours.light, mix(colours.accent, colours.light, 0.4)]
    tones += [] if setting.brief.colours else [WARM]
    for depth, count in ((0.0, 26), (0.4, 12), (1.0, 5)):
        for _ in range(round(count * canvas.width * shore / unit**2) + 1):
            place = (rng.uniform(0.03, 0.97) * canvas.width, shore * rng.uniform(0.05, 0.86))
            size = unit * (0.012 + 0.02 * depth + 0.045 * depth**2) * rng.uniform(0.75, 1.25)
            _lantern(canvas, place, size, rng.choice(tones), 0.55 + 0.45 * depth)
    mirror(canvas, shore, mix(colours.near, colours.zenith, 0.3))


def _bokeh(canvas: Canvas, setting: Setting, shore: float) -> None:
    colours, rng = setting.palette, canvas.rng
    for tone in (colours.accent, colours.light, colours.second):
        stencil = canvas.stencil()
        for _ in range(round(10 * canvas.width / canvas.unit)):
            x, y = rng.uniform(0, canvas.width), shore - abs(rng.gauss(0, 0.1)) * canvas.unit
            stencil.ellipse(
                x, y, canvas.unit * rng.uniform(0.012, 0.034), level=rng.randint(70, 190)
            )
        canvas.paint(stencil, tone, 0.5, 0.003 * canvas.unit)


def _lantern(canvas: Canvas, place: Point, size: float, tone: Colour, strength: float) -> None:
    """A paper lantern, brightest low down where its flame is."""
    x, y = place
    canvas.glow(x, y, size * 3.4, tone, 0.5 * strength)
    half = ((0.5, 1), (0.5, 1), (0.78, 0), (0.62, -0.95), (0, -1.2))
    right = [(x + u * size, y + v * size) for u, v in half]
    left = [(2 * x - u, v) for u, v in right[-2::-1]]
    flame = mix(tone, FLAME, 0.75)
    shades = [brighten(tone, -0.18), tone, flame, mix(flame, tone, 0.35)]
    glow = canvas.gradient(shades, y - 1.2 * size, y + size)
    canvas.polygon(smooth([*right, *left], closed=True), glow, strength)
    canvas.glow(x, y + 0.45 * size, size * 0.9, FLAME, 0.8 * strength)
