"""What a tower ends in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from app.providers.sketching.stencils import Point, Stencil


def block(left: float, right: float, top: float, bottom: float) -> list[Point]:
    """The corners of an upright rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def roof(stencil: Stencil, rng: Random, corner: Point, wide: float, *, modern: bool) -> None:
    """Any roof, on a tower whose upper left corner is there. A modern one is seldom flat."""
    kinds = ROOFS[:-2] if modern else ROOFS
    rng.choice(kinds)(stencil, *corner, wide)


def _slanted(stencil: Stencil, x: float, y: float, wide: float) -> None:
    stencil.polygon([(x, y), (x, y - 0.7 * wide), (x + wide, y)])


def _stepped(stencil: Stencil, x: float, y: float, wide: float) -> None:
    for step, inset in enumerate((0.16, 0.3, 0.42), 1):
        top = y - step * 0.28 * wide
        stencil.polygon(block(x + inset * wide, x + (1 - inset) * wide, top, y))
    _mast(stencil, x + 0.5 * wide, y, 1.9 * wide)


def _tapered(stencil: Stencil, x: float, y: float, wide: float) -> None:
    right = x + wide
    for inset, rise in ((0.25 * wide, 0.5 * wide), (0.4 * wide, 1.2 * wide)):
        stencil.polygon([(x, y), (x + inset, y - rise), (right - inset, y - rise), (right, y)])
    _mast(stencil, x + 0.5 * wide, y, 2.6 * wide)


def _domed(stencil: Stencil, x: float, y: float, wide: float) -> None:
    stencil.ellipse(x + 0.5 * wide, y, 0.42 * wide, 0.5 * wide)
    _mast(stencil, x + 0.5 * wide, y, 0.9 * wide)


def _serviced(stencil: Stencil, x: float, y: float, wide: float) -> None:
    """Plant and an aerial."""
    stencil.polygon(block(x + 0.2 * wide, x + 0.55 * wide, y - 0.12 * wide, y))
    _mast(stencil, x + 0.75 * wide, y, 0.5 * wide)


def _flat(stencil: Stencil, x: float, y: float, wide: float) -> None:
    """A parapet and no more."""
    stencil.polygon(block(x, x + wide, y - 0.03 * wide, y))


def _mast(stencil: Stencil, x: float, y: float, tall: float) -> None:
    stencil.line([(x, y), (x, y - tall)], tall * 0.02 + 0.8)


ROOFS: tuple[Callable[[Stencil, float, float, float], None], ...] = (
    *(_slanted, _stepped, _stepped, _tapered, _domed),
    *(_serviced, _serviced, _serviced, _flat, _flat),
)
