"""From a brief to a painted picture: chance decides what the words leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from app.providers.sketching import palettes, skies
from app.providers.sketching.animals import paint_animal
from app.providers.sketching.bauhaus import paint_bauhaus
from app.providers.sketching.canvas import Canvas
from app.providers.sketching.city import paint_city
from app.providers.sketching.desert import paint_desert
from app.providers.sketching.flower import paint_flower
from app.providers.sketching.forest import paint_forest
from app.providers.sketching.glass import paint_glass
from app.providers.sketching.lanterns import paint_lanterns
from app.providers.sketching.masks import curve
from app.providers.sketching.mountains import paint_aurora, paint_mountains
from app.providers.sketching.portrait import paint_portrait
from app.providers.sketching.ribbons import paint_ribbons
from app.providers.sketching.sea import paint_sea
from app.providers.sketching.silhouettes import SILHOUETTES
from app.providers.sketching.space import paint_space
from app.providers.sketching.weather import paint_weather

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from app.providers.sketching.words import Brief

PLACES: dict[str, Callable[[Canvas, skies.Setting], None]] = {
    "mountains": paint_mountains,
    "city": paint_city,
    "sea": paint_sea,
    "space": paint_space,
    "forest": paint_forest,
    "desert": paint_desert,
    "aurora": paint_aurora,
    "flower": paint_flower,
    "lanterns": paint_lanterns,
    "glass": paint_glass,
    "bauhaus": paint_bauhaus,
    "ribbons": paint_ribbons,
}
SCENES = (*PLACES, "portrait", *SILHOUETTES)

# What is usually seen at certain hours; everything else may be painted at any.
USUAL_HOURS = {
    "city": ("night", "night", "dusk", "dusk", "dawn"),
    "space": ("night", "night", "dusk"),
    "aurora": ("night",),
    "lanterns": ("night", "night", "dusk"),
    "flower": ("day", "day", "dawn", "dusk"),
}
ANY_HOUR = ("night", "day", "day", "dawn", "dusk", "dusk")
OUTDOORS = frozenset(("mountains", "city", "sea", "forest", "desert", "flower", *SILHOUETTES))
# Light that these scenes need, and that a plain landscape's hill would hide.
BACKDROPS = frozenset(
    ("mountains", "city", "sea", "forest", "desert", "aurora", "space", "lanterns")
)

GRAIN = 8  # levels: enough to hide the steps of a gradient
VIGNETTE = 0.28  # in the very corners


def choose_scene(brief: Brief, rng: Random) -> str:
    """The scene that the words name, someone before somewhere; else any."""
    return brief.figure or brief.place or rng.choice(SCENES)


def choose_setting(brief: Brief, scene: str, rng: Random) -> skies.Setting:
    """The hour and the palette: by the words, and by what suits the scene."""
    place = brief.place or scene
    hours = (brief.hour,) if brief.hour else USUAL_HOURS.get(place, ANY_HOUR)
    hour, palette = palettes.choose(rng, hours)
    palette = palettes.tinted(palette, brief.colours)
    return skies.Setting(palettes.weathered(palette, brief.weather), hour, brief)


def paint(canvas: Canvas, brief: Brief) -> None:
    """Paint the picture, without grain and mark."""
    rng = canvas.rng
    scene = choose_scene(brief, rng)
    setting = choose_setting(brief, scene, rng)
    backdrop = PLACES[brief.place] if brief.place in BACKDROPS else None
    if scene == "portrait":
        paint_portrait(canvas, setting, backdrop)
    elif scene in SILHOUETTES:
        paint_animal(canvas, setting, scene, backdrop)
    else:
        PLACES[scene](canvas, setting)
    if scene in OUTDOORS:
        paint_weather(canvas, setting)
    _vignette(canvas)


def _vignette(canvas: Canvas) -> None:
    """Corners a little darker, which holds the eye inside."""
    mask = Image.radial_gradient("L").point(curve(0.45, 1, 1.4, peak=VIGNETTE))
    canvas.shade((0, 0, 0), mask)


def grained(image: Image.Image, rng: Random) -> Image.Image:
    """The picture with a touch of film grain."""
    noise = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    noise = noise.point([value * GRAIN // 255 for value in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (noise,) * 3), 1, -GRAIN // 2)
