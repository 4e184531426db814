"""Abstract: glass bubbles near and far, the far ones out of focus."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter

from app.providers.sketching.colours import Colour, brighten, mix
from app.providers.sketching.masks import curve, halo, scaled
from app.providers.sketching.stencils import Stencil

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

STAMP = 256
BUBBLES = 13


def paint_glass(canvas: Canvas, setting: Setting) -> None:
    """Bubbles of many sizes, drawn from the farthest to the nearest."""
    colours, rng, unit = setting.palette, canvas.rng, canvas.unit
    bright = [colours.zenith, colours.middle, colours.horizon]
    deep = [colours.near, colours.zenith, colours.middle]
    canvas.wash(canvas.gradient(rng.choice((bright, deep))))
    tones = [colours.accent, colours.second, colours.horizon, colours.middle, colours.far]
    for _ in range(3):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        canvas.glow(x, y, unit * 0.55, rng.choice(tones[:3]), 0.6)
    count = max(BUBBLES, round(BUBBLES * canvas.width * canvas.height / unit**2))
    for i in range(count):
        near = i / (count - 1)
        radius = unit * rng.uniform(0.05, 0.13) * (1 + 1.2 * rng.random() * near)
        place = (rng.uniform(0, canvas.width), rng.uniform(0, canvas.height))
        # A few steps of blur are enough, and each one's masks are made only once.
        blur = round(10 * abs(near - 0.7) ** 1.3)
        _bubble(canvas, place, radius, blur, (rng.choice((*tones, colours.accent)), colours.light))


def _bubble(
    canvas: Canvas, place: Point, radius: float, blur: int, tones: tuple[Colour, Colour]
) -> None:
    (x, y), (tone, light) = place, tones
    canvas.glow(x + radius * 0.1, y + radius * 0.35, radius * 1.25, brighten(tone, -0.35), 0.28)
    body, *lights = _masks(blur)
    tile = Image.new("RGB", body.size, tone)
    tints = (brighten(tone, -0.22), mix(light, tone, 0.25), light)
    for mask, tint in zip(lights, tints, strict=True):
        tile.paste(tint, (0, 0), mask)
    side = round(radius * 2.25)  # the masks have a margin to blur into
    corner = (round(x - side / 2), round(y - side / 2))
    tile, body = (part.resize((side, side), Image.Resampling.BILINEAR) for part in (tile, body))
    canvas.image.paste(tile, corner, body)


@lru_cache(maxsize=16)
def _masks(blur: int) -> tuple[Image.Image, ...]:
    """The masks of a bubble: its body, the shade below, the bright rim, the highlight."""
    body = _disc(0.5, 0.5, 0.44)
    inner = halo().resize((STAMP, STAMP))
    shade = ImageChops.multiply(body, ImageChops.offset(ImageChops.invert(inner), 0, -26))
    rim = ImageChops.multiply(
        body, ImageChops.offset(inner, 20, 30).point([255 - min(255, v * 4) for v in range(256)])
    )
    spark = _disc(0.36, 0.3, 0.075).filter(ImageFilter.GaussianBlur(7))
    parts = (
        ImageChops.lighter(body.point(scaled(0.72)), spark),
        shade.point(curve(0.2, 1, 1.4, peak=0.55)),
        rim.point(scaled(0.5)),
        spark.point(scaled(0.85)),
    )
    return tuple(part.filter(ImageFilter.GaussianBlur(blur)) if blur else part for part in parts)


def _disc(x: float, y: float, radius: float) -> Image.Image:
    stencil = Stencil((STAMP, STAMP))
    stencil.ellipse(x * STAMP, y * STAMP, radius * STAMP)
    return stencil.mask()
