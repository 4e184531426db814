"""What a sketch takes over from pictures: their colours, as a glaze from left to right."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE = 0.35
FORMATS = ("JPEG", "PNG", "WEBP")


def glazed(image: Image.Image, pictures: Sequence[bytes]) -> Image.Image:
    """Return an RGB image with the average colour of each picture over it, in their order.

    Raises ValueError for what is no picture.
    """
    if not pictures:
        return image
    colours = Image.new("RGB", (len(pictures), 1))
    for place, data in enumerate(pictures):
        colours.paste(_average(data), (place, 0))
    return Image.blend(image, colours.resize(image.size, Image.Resampling.BICUBIC), SHARE)


def _average(data: bytes) -> Image.Image:
    """Return the average colour of a picture as one pixel, over white."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            picture.draft("RGB", (64, 64))
            pixel = picture.convert("RGBA").resize((1, 1), Image.Resampling.BOX)
    except (OSError, SyntaxError) as error:
        raise ValueError("This is no JPEG, PNG or WebP.") from error
    sheet = Image.new("RGBA", (1, 1), "white")
    sheet.alpha_composite(pixel)
    return sheet.convert("RGB")
