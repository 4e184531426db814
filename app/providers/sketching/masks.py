"""Soft masks: light that fades with distance, and tables that shape how it fades."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image

HALO = 256  # the side of Pillow's radial gradient


@lru_cache(maxsize=1)
def halo() -> Image.Image:
    """A round mask, full in the middle, that eases out to nothing at the rim."""
    distances = Image.radial_gradient("L")  # 0 in the middle, 181 at the rim, 255 in the corners
    return distances.point([round(255 * fade(value / 180) ** 1.5) for value in range(256)])


def fade(distance: float) -> float:
    """From 1 at 0 to 0 at 1, level at both ends."""
    rest = max(0.0, 1 - distance)
    return rest * rest * (3 - 2 * rest)


def curve(low: float, high: float, power: float = 1.0, peak: float = 1.0) -> list[int]:
    """A table for `point()`: nothing up to `low`, rising to `peak` at `high` (all 0 to 1)."""
    rise = [min(max((value / 255 - low) / (high - low), 0), 1) for value in range(256)]
    return [round(255 * peak * share**power) for share in rise]


def scaled(factor: float) -> list[int]:
    """A table for `point()` that multiplies."""
    return [min(255, round(value * factor)) for value in range(256)]


def column(height: int, centre: float, spread: float) -> Image.Image:
    """A mask one pixel wide: full at `centre`, nothing at `spread` above and below."""
    mask = Image.new("L", (1, height))
    distances = [abs(y - centre) / max(spread, 1) for y in range(height)]
    mask.putdata([round(255 * fade(distance)) for distance in distances])
    return mask
