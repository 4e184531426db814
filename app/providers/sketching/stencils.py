"""Shapes with smooth edges.

Pillow draws without anti-aliasing, so shapes are drawn at twice the size and reduced.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageDraw, ImageFilter

from app.providers.sketching.masks import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.providers.sketching.colours import Colour

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]

OVERSAMPLING = 2


class Stencil:
    """Shapes to paint through, in the canvas's coordinates. Only `box` of the canvas is covered."""

    def __init__(self, size: tuple[int, int], box: Box | None = None) -> None:
        left, top, right, bottom = box or (0, 0, *size)
        self.left = min(max(math.floor(left), 0), size[0] - 1)
        self.top = min(max(math.floor(top), 0), size[1] - 1)
        self.right = max(min(math.ceil(right), size[0]), self.left + 1)
        self.bottom = max(min(math.ceil(bottom), size[1]), self.top + 1)
        width, height = self.right - self.left, self.bottom - self.top
        self._mask = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
        self._draw = ImageDraw.Draw(self._mask)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The part of the canvas covered."""
        return self.left, self.top, self.right, self.bottom

    def _place(self, points: Sequence[Point]) -> list[Point]:
        left, top, k = self.left, self.top, OVERSAMPLING
        return [((x - left) * k, (y - top) * k) for x, y in points]

    def polygon(self, points: Sequence[Point], level: int = 255) -> None:
        """A filled shape; `level` below 255 is see-through, 0 cuts out."""
        self._draw.polygon(self._place(points), fill=level)

    def ellipse(self, x: float, y: float, rx: float, ry: float = 0, level: int = 255) -> None:
        """A filled ellipse around (x, y); a circle without `ry`."""
        ry = ry or rx
        self._draw.ellipse(self._place([(x - rx, y - ry), (x + rx, y + ry)]), fill=level)

    def line(self, points: Sequence[Point], width: float, level: int = 255) -> None:
        """A stroke through the points."""
        thick = max(1, round(width * OVERSAMPLING))
        self._draw.line(self._place(points), fill=level, width=thick, joint="curve")

    def mask(self, opacity: float = 1.0, blur: float = 0.0) -> Image.Image:
        """The stencil as a mask the size of its box."""
        mask = self._mask.reduce(OVERSAMPLING)
        if blur:
            mask = mask.filter(ImageFilter.BoxBlur(blur))
        return mask if opacity >= 1 else mask.point(scaled(opacity))


class Inset:
    """A small picture in many colours, drawn at twice the size and then placed."""

    def __init__(self, target: Image.Image, centre: Point, reach: float, tone: Colour) -> None:
        self._target = target
        self._corner = (math.floor(centre[0] - reach), math.floor(centre[1] - reach))
        side = math.ceil(2 * reach) * OVERSAMPLING
        self._image = Image.new("RGB", (side, side), tone)  # which the smoothed edges blend with
        self._mask = Image.new("L", (side, side))
        self._draws = ImageDraw.Draw(self._image), ImageDraw.Draw(self._mask)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled shape over what is there."""
        (left, top), k = self._corner, OVERSAMPLING
        placed = [((x - left) * k, (y - top) * k) for x, y in points]
        self._draws[0].polygon(placed, fill=colour)
        self._draws[1].polygon(placed, fill=255)

    def place(self) -> None:
        """Put it on the picture."""
        image, mask = self._image.reduce(OVERSAMPLING), self._mask.reduce(OVERSAMPLING)
        self._target.paste(image, self._corner, mask)
