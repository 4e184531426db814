"""A portrait as a double exposure: a head in profile, and within it a landscape."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PIL import Image

from app.providers.sketching.animals import placed
from app.providers.sketching.colours import mix
from app.providers.sketching.forest import paint_forest
from app.providers.sketching.mountains import paint_mountains
from app.providers.sketching.silhouettes import HAIR, PROFILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point

    Scene: TypeAlias = Callable[[Canvas, Setting], None]


def paint_portrait(canvas: Canvas, setting: Setting, inner: Scene | None) -> None:
    """The head, filled with the place that the words name, before a plain ground and a disc."""
    rng, colours = canvas.rng, setting.palette
    (inner or rng.choice((paint_mountains, paint_forest)))(canvas, setting)
    size, side = min(canvas.unit * 0.8, canvas.height * 0.84), rng.choice((-1, 1))
    foot = (canvas.width * rng.uniform(0.46, 0.54), canvas.height)
    # Towards the shoulders the landscape sinks into the dark.
    dark = Image.new("RGB", canvas.size, mix(colours.near, colours.far, 0.2))
    light = canvas.band(canvas.height - 0.6 * size, size * 0.95).resize(canvas.size)
    exposed = Image.composite(canvas.image, dark, light)
    _ground(canvas, setting, foot, size, side)
    shape = canvas.stencil()
    for outline in (PROFILE, *rng.choice(HAIR)):
        shape.polygon(placed(outline, foot, size, side))
    canvas.image.paste(exposed, (0, 0), shape.mask())


def _ground(canvas: Canvas, setting: Setting, foot: Point, size: float, side: int) -> None:
    colours = setting.palette
    x, y = foot[0], foot[1] - 0.6 * size
    tones = [mix(colours.horizon, colours.light, 0.5), mix(colours.horizon, colours.middle, 0.35)]
    if setting.dark:
        tones = [colours.zenith, mix(colours.middle, colours.horizon, 0.3)]
    canvas.wash(canvas.gradient(tones))
    canvas.glow(x - side * 0.1 * size, y, size * 0.75, colours.light, 0.6)
    disc = mix(colours.accent, colours.light, 0.25)
    canvas.disc(x + side * 0.06 * size, y, size * 0.44, disc, 0.9)
