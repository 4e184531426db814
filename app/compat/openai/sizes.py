"""From a size and a quality as OpenAI's clients say them to a ratio and a size of a model's own.

docs/clients.md shows both tables; a test holds it to them.
"""

from __future__ import annotations

import re

from app.errors import InvalidInput
from app.providers.catalog import Model, estimate_microusd
from app.providers.dimensions import SIZES
from app.services.shapes import nearest_ratio

AUTO = "auto"
# Where the size leaves it open, so many pixels are drawn as the quality says; None: as the model would.
QUALITIES = {
    "auto": None,
    "low": "512",
    "medium": "1K",
    "standard": "1K",
    "high": "2K",
    "hd": "2K",
    "xhigh": "4K",
    "max": "4K",
}
# A size does for so many times its own pixels: 1792x1024 is 1K, 1920x1080 is 2K, 3840x2160 is 4K.
DOES_FOR = 1.9
SIDES = range(16, 16_385)
_PIXELS = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})")


def settings_of(
    size: str | None, quality: str | None, model: Model
) -> tuple[str | None, str | None]:
    """Return the aspect ratio and the size of `model` that come closest; None: its default.

    Pixels decide both, whatever the quality; without them the quality decides the size. Raises
    InvalidInput for a size or a quality that is none.
    """
    if quality is not None and quality not in QUALITIES:
        raise InvalidInput(f"quality is one of {', '.join(QUALITIES)}.", field="quality")
    pixels = _pixels(size)
    if pixels is None:
        wanted = QUALITIES[quality or AUTO]
        return None, wanted and _at_least(SIZES[wanted] ** 2, model)
    width, height = pixels
    return nearest_ratio(width / height, model), _at_least(width * height / DOES_FOR, model)


def _pixels(size: str | None) -> tuple[int, int] | None:
    if size is None or size == AUTO:
        return None
    found = _PIXELS.fullmatch(size)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if width not in SIDES or height not in SIDES:
        raise InvalidInput(
            f"size is auto, or a width and a height of {SIDES[0]} to {SIDES[-1]:,} pixels, such as "
            "1536x1024.",
            field="size",
        )
    return width, height


def _at_least(pixels: float, model: Model) -> str:
    """Return the smallest size with so many pixels, or the largest that there is.

    Of those with a price, where any has one: under a budget no other would be drawn.
    """
    known = [name for name in model.sizes if name in SIZES]
    priced = [name for name in known if estimate_microusd(model, name) is not None]
    sizes = sorted(priced or known, key=SIZES.__getitem__)
    large = (name for name in sizes if SIZES[name] ** 2 >= pixels)
    return next(large, sizes[-1] if sizes else model.default_size)
