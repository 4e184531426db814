"""From the names of an aspect ratio and a size to pixels."""

from __future__ import annotations

import math

from app.errors import InvalidInput

ASPECT_RATIOS = (
    *("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4"),
    *("9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1"),
)
SIZES = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
MULTIPLE = 8  # JPEG codes blocks of 8 pixels: no side ends in half a block


def dimensions(aspect_ratio: str, size: str) -> tuple[int, int]:
    """Width and height of that ratio whose area is about the square of the size."""
    if aspect_ratio not in ASPECT_RATIOS:
        known = ", ".join(ASPECT_RATIOS)
        raise InvalidInput(f"Choose an aspect ratio from {known}.", field="aspect_ratio")
    if size not in SIZES:
        raise InvalidInput(f"Choose a size from {', '.join(SIZES)}.", field="size")
    across, down = map(int, aspect_ratio.split(":"))
    stretch = math.sqrt(across / down)
    return _rounded(SIZES[size] * stretch), _rounded(SIZES[size] / stretch)


def _rounded(side: float) -> int:
    return round(side / MULTIPLE) * MULTIPLE
