"""An animal in silhouette, before the place that the words name or a plain one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from app.providers.sketching import skies
from app.providers.sketching.colours import brighten, mix
from app.providers.sketching.forest import paint_forest
from app.providers.sketching.mountains import paint_mountains
from app.providers.sketching.outlines import ground, hills, smooth
from app.providers.sketching.silhouettes import SILHOUETTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

    Scene: TypeAlias = Callable[[Canvas, Setting], None]

PERCHED = frozenset(("bird", "owl"))
BLACK: Colour = (0, 0, 0)


def paint_animal(canvas: Canvas, setting: Setting, animal: str, backdrop: Scene | None) -> None:
    """The animal on a near hill or a branch, with the sun or moon behind it."""
    rng, near = canvas.rng, setting.palette.near
    size = min(canvas.unit * rng.uniform(0.34, 0.42), canvas.height * 0.5)
    x, foot = canvas.width * rng.uniform(0.38, 0.62), canvas.height * rng.uniform(0.82, 0.87)
    sun = (x + rng.uniform(-0.3, 0.3) * size, foot - size * 0.85)
    scene = backdrop or rng.choice(_plain_backdrops(animal))
    scene(canvas, replace(setting, focus=sun))
    (_branch if animal in PERCHED else _hill)(canvas, x, foot, near)
    dark = brighten(mix(near, BLACK, 0.25), -0.02)
    shape, side = canvas.stencil(), rng.choice((-1, 1))
    for outline in SILHOUETTES[animal]:
        shape.polygon(placed(outline, (x, foot + 0.012 * size), size, side))
    canvas.paint(shape, dark)
    if animal == "owl":
        _eyes(canvas, (x, foot - 0.765 * size), size, mix(setting.palette.light, dark, 0.1), dark)


def placed(outline: Sequence[Point], foot: Point, size: float, side: int) -> list[Point]:
    """An outline at its place and size; `side` -1 turns it round."""
    x, y = foot
    return smooth([(x + side * u * size, y - v * size) for u, v in outline], closed=True)


def _plain_backdrops(animal: str) -> tuple[Scene, ...]:
    """Trees are as dark as a branch before them: whoever sits on one has the sky behind."""
    if animal in PERCHED:
        return (_open_sky,)
    return _open_sky, paint_mountains, paint_forest


def _open_sky(canvas: Canvas, setting: Setting) -> None:
    colours, unit = setting.palette, canvas.unit
    skies.sky(canvas, setting, canvas.height)
    base = canvas.height * 0.84
    for layer in range(2):
        line = hills(canvas, base + layer * 0.05 * unit, 0.12 * unit, 0.4 * unit)
        canvas.land(line, mix(colours.far, colours.horizon, 0.35 - 0.3 * layer))
    canvas.mist(colours.horizon, base, 0.12 * unit)


def _hill(canvas: Canvas, x: float, foot: float, tone: Colour) -> None:
    """A near hill, highest at x, with grass along its edge."""
    rng, unit = canvas.rng, canvas.unit
    reach = round(max(x, canvas.width - x) / (0.12 * unit)) + 2
    steps = range(-reach, reach + 1)
    # It falls away ever more steeply, but not out of sight on a wide picture.
    drops = [0.28 * min(abs(i) / 8, 1.4) ** 2 + rng.uniform(0, 0.006) for i in steps]
    line = smooth(
        [(x + i * 0.12 * unit, foot + d * unit) for i, d in zip(steps, drops, strict=True)]
    )
    shape = canvas.stencil((0, foot - 0.04 * unit, canvas.width, canvas.height))
    shape.polygon(ground(canvas, line))
    for root, y in [point for point in line for _ in range(3)]:
        blade = root + rng.uniform(-0.01, 0.01) * unit
        tip = (blade + rng.uniform(-0.012, 0.012) * unit, y - rng.uniform(0.008, 0.028) * unit)
        low, thin = y + 0.004 * unit, 0.002 * unit
        shape.polygon([(blade - thin, low), tip, (blade + thin, low)])
    canvas.paint(shape, canvas.gradient([mix(tone, BLACK, 0.2), mix(tone, BLACK, 0.5)], foot))


def _branch(canvas: Canvas, x: float, foot: float, tone: Colour) -> None:
    """A branch that comes in from one edge and tapers off beyond x."""
    unit, side = canvas.unit, canvas.rng.choice((-1, 1))
    start = (0 if side > 0 else canvas.width) - side * 0.05 * unit
    bends = [(start, 0.1), ((start + x) / 2, 0.03), (x, 0), (x + side * 0.34 * unit, -0.05)]
    path = smooth([(u, foot + v * unit) for u, v in bends])
    thick = [0.022 * unit * (1 - 0.85 * i / len(path)) for i in range(len(path))]
    shape = canvas.stencil()
    upper = [(u, v - half) for (u, v), half in zip(path, thick, strict=True)]
    lower = [(u, v + half) for (u, v), half in zip(path, thick, strict=True)]
    shape.polygon([*upper, *reversed(lower)])
    canvas.paint(shape, tone)


def _eyes(canvas: Canvas, middle: Point, size: float, iris: Colour, dark: Colour) -> None:
    x, y = middle
    for eye in (x - 0.095 * size, x + 0.095 * size):
        canvas.disc(eye, y, 0.068 * size, iris)
        canvas.disc(eye, y, 0.034 * size, dark)
