"""Deep space: coloured clouds, stars, and sometimes a planet."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageOps

from app.providers.sketching import skies
from app.providers.sketching.canvas import Canvas
from app.providers.sketching.colours import brighten, mix, saturate
from app.providers.sketching.masks import curve, halo

if TYPE_CHECKING:
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point


TILT = 14  # degrees, of the bands and the ring


def paint_space(canvas: Canvas, setting: Setting) -> None:
    """A nebula; a planet before it if the words ask for one, or by chance."""
    colours = setting.palette
    deep = mix(colours.zenith, (3, 4, 12), 0.85)
    canvas.image.paste(deep, (0, 0, *canvas.size))
    if setting.brief.says("galaxy", "galaxie", "galaxia") or canvas.chance(0.2):
        _galaxy(canvas, setting)
    else:
        _nebula(canvas, setting)
    skies.stars(canvas, canvas.height, 420)
    _bright_stars(canvas, setting)
    if setting.focus:
        _glow_behind(canvas, setting, setting.focus)
    elif setting.brief.says("planet", "saturn", "mars", "moon") or canvas.chance(0.25):
        _planet(canvas, setting)


def _glow_behind(canvas: Canvas, setting: Setting, place: Point) -> None:
    """A pale moon behind whoever stands in front."""
    colours, radius = setting.palette, canvas.unit * 0.2
    canvas.glow(*place, radius * 2.2, colours.middle, 0.8)
    shades = [colours.light, mix(colours.light, colours.accent, 0.5)]
    canvas.disc(*place, radius, canvas.gradient(shades, place[1] - radius, place[1] + radius))


def _nebula(canvas: Canvas, setting: Setting) -> None:
    colours, rng = setting.palette, canvas.rng
    shape = canvas.clouds(1.3, octaves=6)
    tones = (colours.middle, colours.accent, colours.second)
    for i, tone in enumerate(tones):
        veil = canvas.clouds(rng.uniform(1.2, 2.4), octaves=5)
        veil = ImageChops.multiply(veil, shape if i % 2 == 0 else ImageChops.invert(shape))
        veil = ImageOps.autocontrast(veil).point(curve(0.22, 1.05, 1.5))
        canvas.shade(saturate(mix(tone, colours.middle, 0.2), 1.15), veil)
    core = ImageChops.multiply(shape, shape).point(curve(0.5, 1, 1.6, peak=0.75))
    canvas.shade(mix(colours.light, colours.accent, 0.25), core)
    dust = canvas.clouds(2.2, octaves=6).point(curve(0.6, 0.95, peak=0.75))
    canvas.shade(mix(colours.zenith, (2, 2, 8), 0.8), dust)


def _galaxy(canvas: Canvas, setting: Setting) -> None:
    """A spiral seen from aslant: arms of many soft points of light."""
    colours, rng = setting.palette, canvas.rng
    cx, cy = canvas.width * rng.uniform(0.42, 0.58), canvas.height * rng.uniform(0.42, 0.58)
    tilt, turn, reach = rng.uniform(0.45, 0.65), rng.uniform(-0.6, 0.6), canvas.unit * 0.46
    for tone, spread, count, size, blur in (
        (colours.middle, 0.2, 300, 0.03, 0.022),
        (colours.accent, 0.13, 240, 0.014, 0.011),
        (mix(colours.second, colours.light, 0.4), 0.08, 520, 0.0032, 0.0012),
        (colours.light, 0.14, 900, 0.0013, 0.0),
    ):
        stencil = canvas.stencil()
        for _ in range(count):
            far = rng.random() ** 0.8
            angle = 5.6 * far + rng.choice((0, math.pi)) + rng.gauss(0, spread * 2.2)
            u = math.cos(angle) * far * reach
            v = math.sin(angle) * far * reach * tilt
            x, y = (
                cx + u * math.cos(turn) - v * math.sin(turn),
                cy + u * math.sin(turn) + v * math.cos(turn),
            )
            stencil.ellipse(
                x, y, size * canvas.unit * rng.uniform(0.4, 1), level=round(255 - 150 * far)
            )
        canvas.paint(stencil, tone, 0.8, blur * canvas.unit)
    canvas.glow(cx, cy, reach * 0.75, colours.accent, 0.5)
    canvas.glow(cx, cy, reach * 0.3, colours.light, 0.95)


def _bright_stars(canvas: Canvas, setting: Setting) -> None:
    """A few stars near enough to shine, with fine rays."""
    rng = canvas.rng
    for _ in range(rng.randint(5, 9)):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        size = canvas.unit * rng.uniform(0.01, 0.03)
        tone = mix((255, 255, 255), setting.palette.second, rng.uniform(0, 0.5))
        canvas.glow(x, y, size * 1.6, tone, 0.5)
        canvas.glow(x, y, size * 0.35, (255, 255, 255), 1)
        thin = size * 0.05
        canvas.polygon([(x - size, y), (x, y - thin), (x + size, y), (x, y + thin)], tone, 0.8)
        canvas.polygon([(x, y - size), (x + thin, y), (x, y + size), (x - thin, y)], tone, 0.8)


def _planet(canvas: Canvas, setting: Setting) -> None:
    rng, colours = canvas.rng, setting.palette
    radius = min(canvas.unit * rng.uniform(0.13, 0.24), canvas.width * 0.2)
    x, y = canvas.width * rng.uniform(0.3, 0.7), canvas.height * rng.uniform(0.35, 0.65)
    tones = (colours.accent, colours.horizon, colours.second, colours.far)
    ball = _ball(canvas, round(radius * 2), rng.sample(tones, 2))
    canvas.glow(x, y, radius * 1.35, saturate(colours.middle, 1.2), 0.8)
    ring = setting.brief.says("saturn", "ring") or canvas.chance(0.45)
    tone = mix(colours.light, colours.accent, 0.3)
    if ring:
        canvas.image.paste(tone, (0, 0), _rings(canvas, x, y, radius))
    stencil = canvas.stencil((x - radius, y - radius, x + radius, y + radius))
    stencil.ellipse(x, y, radius - 1)
    disc = stencil.mask()
    canvas.image.paste(ball.resize(disc.size), stencil.box, disc)
    if ring:  # the near half passes before the planet
        near = _rings(canvas, x, y, radius)
        near.paste(0, (0, 0, canvas.width, round(y)))
        canvas.image.paste(tone, (0, 0), near)


def _ball(canvas: Canvas, side: int, tones: list[Colour]) -> Image.Image:
    """A banded sphere lit from the upper left."""
    bands = Canvas(side * 4, side * 4, canvas.rng).clouds(2.2, stretch=9)
    bands = bands.rotate(TILT, Image.Resampling.BILINEAR)
    dark, pale = brighten(tones[0], -0.12), brighten(tones[1], 0.08)
    surface = ImageOps.colorize(bands, dark, pale, tones[0])
    # The middle of a halo twice as large as the sphere lies over its upper left.
    start = round(side * 0.62)
    light = halo().resize((round(side * 1.9),) * 2).crop((start, start, start + side, start + side))
    lit = light.point(curve(0.02, 0.75))
    return Image.composite(surface, Image.new("RGB", surface.size, (5, 5, 14)), lit)


def _rings(canvas: Canvas, x: float, y: float, radius: float) -> Image.Image:
    """A mask of three rings seen from aslant."""
    stencil = canvas.stencil()
    for outer, inner, level in ((2.15, 1.9, 110), (1.86, 1.62, 210), (1.58, 1.4, 90)):
        stencil.ellipse(x, y, radius * outer, radius * outer * 0.26, level)
        stencil.ellipse(x, y, radius * inner, radius * inner * 0.26, 0)
    return stencil.mask().rotate(TILT, Image.Resampling.BILINEAR, center=(x, y))
