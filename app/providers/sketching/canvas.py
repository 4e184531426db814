"""Where a picture is painted: soft gradients, glows, clouds and shapes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageChops, ImageOps

from app.providers.sketching.colours import Colour, along
from app.providers.sketching.masks import HALO, column, halo, scaled
from app.providers.sketching.outlines import ground
from app.providers.sketching.stencils import Box, Inset, Point, Stencil

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Fill: TypeAlias = Colour | Image.Image
"""What to paint with: one colour, or a gradient: a column one pixel wide, as tall as the canvas."""

GRADIENT_STEPS = 48  # more cannot be told apart once interpolated


class Canvas:
    """A picture being painted, and the chance that guides the brush.

    `unit` is the length that things are measured by.
    """

    def __init__(self, width: int, height: int, rng: Random) -> None:
        self.width = width
        self.height = height
        self.rng = rng
        # On a long strip the short side is what there is room in.
        self.unit = min(math.sqrt(width * height), 1.6 * min(width, height))
        self.image = Image.new("RGB", (width, height))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    def chance(self, odds: float) -> bool:
        """True so often: never at 0, always at 1."""
        return self.rng.random() < odds

    def stencil(self, box: Box | None = None) -> Stencil:
        """An empty stencil for all of the canvas or a part of it."""
        return Stencil(self.size, box)

    def inset(self, centre: Point, reach: float, tone: Colour) -> Inset:
        """An empty inset around a point, mostly in that tone."""
        return Inset(self.image, centre, reach, tone)

    def gradient(
        self, colours: Sequence[Colour], top: float = 0.0, bottom: float | None = None
    ) -> Image.Image:
        """A fill that runs through the colours from `top` down to `bottom` (in pixels)."""
        bottom = self.height if bottom is None else bottom
        span = max(bottom - top, 1)
        steps = Image.new("RGB", (1, GRADIENT_STEPS))
        steps.putdata([along(colours, i / (GRADIENT_STEPS - 1)) for i in range(GRADIENT_STEPS)])
        ramp = steps.resize((1, max(round(span), 2)), Image.Resampling.BILINEAR)
        column = Image.new("RGB", (1, self.height), colours[-1])
        column.paste(colours[0], (0, 0, 1, max(0, min(self.height, round(top)))))
        column.paste(ramp, (0, round(top)))
        return column

    def wash(self, fill: Image.Image) -> None:
        """Paint all over with a gradient."""
        self.image.paste(fill.resize(self.size, Image.Resampling.NEAREST))

    def paint(self, stencil: Stencil, fill: Fill, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Paint through the stencil."""
        self.image.paste(_cut(fill, stencil.box), stencil.box, stencil.mask(opacity, blur))

    def polygon(
        self, points: Sequence[Point], fill: Fill, opacity: float = 1.0, blur: float = 0.0
    ) -> None:
        """One filled shape."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        margin = 3 * blur
        box = (min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)
        stencil = self.stencil(box)
        stencil.polygon(points)
        self.paint(stencil, fill, opacity, blur)

    def flood(self, top: float, fill: Fill) -> None:
        """Paint everything from `top` down: where no edge is left, no stencil is needed."""
        box = (0, max(0, round(top)), self.width, self.height)
        if box[1] < box[3]:
            self.image.paste(_cut(fill, box), box)

    def land(self, line: Sequence[Point], fill: Fill) -> None:
        """Everything below a line that runs from edge to edge."""
        stencil = self.stencil(
            (0, min(y for _, y in line) - 1, self.width, max(y for _, y in line))
        )
        stencil.polygon(ground(self, line))
        self.paint(stencil, fill)
        self.flood(stencil.bottom, fill)

    def disc(self, x: float, y: float, radius: float, fill: Fill, opacity: float = 1.0) -> None:
        """A filled circle."""
        stencil = self.stencil((x - radius - 1, y - radius - 1, x + radius + 1, y + radius + 1))
        stencil.ellipse(x, y, radius)
        self.paint(stencil, fill, opacity)

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0
    ) -> None:
        """Light around a point that fades to nothing at the radius."""
        left, top = max(0, math.floor(x - radius)), max(0, math.floor(y - radius))
        right = min(self.width, math.ceil(x + radius))
        bottom = min(self.height, math.ceil(y + radius))
        if left >= right or top >= bottom:
            return
        # Of a sun's wide glow only what falls on the canvas is enlarged.
        scale = HALO / (2 * radius)
        part = (
            *(max((left - x + radius) * scale, 0), max((top - y + radius) * scale, 0)),
            *(min((right - x + radius) * scale, HALO), min((bottom - y + radius) * scale, HALO)),
        )
        mask = halo().point(scaled(strength))
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BILINEAR, part)
        self.image.paste(colour, (left, top), mask)

    @property
    def soft_size(self) -> tuple[int, int]:
        """The size of the masks of clouds and light, which have no edges: a quarter will do."""
        return max(2, self.width // 4), max(2, self.height // 4)

    def shade(self, colour: Colour, mask: Image.Image) -> None:
        """Paint through a soft mask."""
        box = mask.getbbox()
        if not box:
            return
        across, down = self.width / mask.width, self.height / mask.height
        left, top = max(0, round((box[0] - 1) * across)), max(0, round((box[1] - 1) * down))
        right = min(self.width, round((box[2] + 1) * across))
        bottom = min(self.height, round((box[3] + 1) * down))
        # Only what the mask touches is enlarged.
        part = (left / across, top / down, right / across, bottom / down)
        size = (right - left, bottom - top)
        self.image.paste(colour, (left, top), mask.resize(size, Image.Resampling.BILINEAR, part))

    def clouds(self, cells: float, octaves: int = 5, stretch: float = 1.0) -> Image.Image:
        """A soft mask of noise: `cells` of it in a unit, `stretch` times as wide as high."""
        rng = self.rng
        noise = Image.new("L", self.soft_size)
        for octave in range(octaves):
            scale = cells * 2**octave / self.unit
            size = (2 + round(self.width * scale / stretch), 2 + round(self.height * scale))
            layer = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
            layer = layer.resize(self.soft_size, Image.Resampling.BICUBIC)
            share = 0.5 / (octave * 0.6 + 1) if octave else 1.0
            noise = Image.blend(noise, layer, share)
        return ImageOps.autocontrast(noise)

    def band(self, centre: float, spread: float) -> Image.Image:
        """A soft mask, full at the height `centre`, that fades out at `spread` above and below."""
        height = self.soft_size[1]
        scale = height / self.height
        return column(height, centre * scale, spread * scale).resize(self.soft_size)

    def mist(self, colour: Colour, centre: float, spread: float) -> None:
        """Drifting mist at a height."""
        noise = self.clouds(2, octaves=3, stretch=4)
        self.shade(colour, ImageChops.multiply(noise, self.band(centre, spread)))


def _cut(fill: Fill, box: tuple[int, int, int, int]) -> Fill:
    """What of the fill belongs in that box."""
    if not isinstance(fill, Image.Image):
        return fill
    left, top, right, bottom = box
    size = (right - left, bottom - top)
    return fill.resize(size, Image.Resampling.NEAREST, (0, top, 1, bottom))
