"""A wood: pines on misty slopes, or tall trunks with light between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.providers.sketching import skies
from app.providers.sketching.colours import mix
from app.providers.sketching.outlines import ground, height_at, hills
from app.providers.sketching.pines import wooded

if TYPE_CHECKING:
    from random import Random

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point, Stencil


LAYERS = 5


def paint_forest(canvas: Canvas, setting: Setting) -> None:
    """One kind of wood or the other."""
    if setting.focus or canvas.chance(0.5):
        _slopes(canvas, setting)
    else:
        _trunks(canvas, setting)


def _slopes(canvas: Canvas, setting: Setting) -> None:
    colours, unit = setting.palette, canvas.unit
    # With someone in front, the trees stay low enough for the light behind them.
    top, scale = (0.66, 0.55) if setting.focus else (0.46, 1.0)
    skies.sky(canvas, setting, canvas.height * (top + 0.2))
    for layer in range(LAYERS):
        near = layer / (LAYERS - 1)
        base = canvas.height * (top + (0.98 - top) * near)
        line = hills(canvas, base, 0.12 * unit, 0.34 * unit)
        tone = _distance(setting, near)
        pale = mix(tone, colours.horizon, 0.55 * (1 - near))
        fill = canvas.gradient([tone, pale], base - 0.2 * unit, base + 0.14 * unit)
        wooded(canvas, line, fill, 44 - 28 * near, unit * (0.07 + 0.2 * near**1.3) * scale)
        if near < 1:
            canvas.mist(mix(colours.horizon, tone, 0.2), base + 0.05 * unit, 0.15 * unit)


def _distance(setting: Setting, near: float) -> Colour:
    colours = setting.palette
    far = mix(colours.far, colours.horizon, 0.5 * (1 - near))
    return mix(far, colours.near, near)


def _trunks(canvas: Canvas, setting: Setting) -> None:
    """Between the trees, looking towards the light."""
    colours, unit = setting.palette, canvas.unit
    x, y = canvas.width * canvas.rng.uniform(0.3, 0.7), canvas.height * canvas.rng.uniform(0.3, 0.5)
    high = mix(colours.far, colours.middle, 0.5)
    canvas.wash(canvas.gradient([high, colours.horizon, mix(colours.horizon, colours.far, 0.4)]))
    canvas.glow(x, y, unit * 0.75, colours.light, 0.85)
    if setting.hour != "day":
        canvas.disc(x, y, unit * 0.06, mix(colours.light, (255, 255, 255), 0.3))
    haze = mix(colours.horizon, colours.light, 0.3)
    for layer in range(LAYERS):
        _stand(canvas, setting, layer / (LAYERS - 1))
        if layer < LAYERS - 1:
            canvas.mist(haze, canvas.height * 0.72, canvas.height * 0.26)
        if layer == LAYERS // 2:
            _rays(canvas, (x, y), colours.light)


def _stand(canvas: Canvas, setting: Setting, near: float) -> None:
    """One row of trunks and the grass at their feet."""
    rng, unit = canvas.rng, canvas.unit
    line = hills(canvas, canvas.height * (0.7 + 0.24 * near), 0.05 * unit, 0.3 * unit)
    shape = canvas.stencil((0, 0, canvas.width, max(y for _, y in line)))
    shape.polygon(ground(canvas, line))
    count = round(canvas.width / unit * (15 - 11 * near)) + 1
    for i in range(count):
        x = (i + rng.uniform(0.1, 0.9)) / count * canvas.width
        wide = unit * (0.007 + 0.036 * near**1.4) * rng.uniform(0.6, 1.3)
        _trunk(shape, rng, (x, height_at(line, x) + 2 * wide), wide)
    for _ in range(round(canvas.width / unit * 46)):
        x = rng.uniform(0, canvas.width)
        _grass(shape, rng, (x, height_at(line, x)), unit * (0.014 + 0.05 * near))
    tone = _distance(setting, near)
    fill = canvas.gradient([tone, mix(tone, setting.palette.near, 0.5)])
    canvas.paint(shape, fill)
    canvas.flood(shape.bottom, fill)


def _trunk(shape: Stencil, rng: Random, foot: Point, wide: float) -> None:
    """A trunk that tapers upwards out of the picture, with bare branches."""
    x, y = foot
    lean = rng.uniform(-0.6, 0.6) * wide
    flare = y - 3 * wide
    left = [(x - wide, y), (x - wide * 0.5, flare), (x + lean - wide * 0.32, -wide)]
    right = [(x + lean + wide * 0.32, -wide), (x + wide * 0.5, flare), (x + wide, y)]
    shape.polygon([*left, *right])
    for _ in range(rng.randint(4, 8)):
        high = rng.uniform(0.02, 0.6) * y
        _branch(shape, rng, (x + lean * (1 - high / y), high), wide)


def _branch(shape: Stencil, rng: Random, start: Point, wide: float) -> None:
    """A branch to either side that rises and thins, with a twig."""
    (x, y), side = start, rng.choice((-1, 1))
    reach, thick = wide * rng.uniform(2, 5), wide * 0.16
    end = (x + side * reach, y - reach * rng.uniform(0.3, 0.9))
    u, v = x + side * reach * 0.5, y - reach * 0.16
    shape.polygon([(x, y + thick), (u, v), end, (u, v - thick), (x, y - thick)])
    shape.line([(u, v), (u + side * reach * 0.25, v - reach * 0.5)], wide * 0.06)


def _grass(shape: Stencil, rng: Random, root: Point, height: float) -> None:
    x, y = root
    tip = (x + rng.uniform(-0.5, 0.5) * height, y - height * rng.uniform(0.4, 1))
    low, thin = y + 0.2 * height, 0.06 * height
    shape.polygon([(x - thin, low), tip, (x + thin, low)])


def _rays(canvas: Canvas, light: Point, tone: Colour) -> None:
    """Shafts of light through the trees."""
    x, y = light
    shafts, deep = canvas.stencil(), canvas.height - y
    for _ in range(7):
        slant, wide = canvas.rng.uniform(-0.9, 0.9), canvas.rng.uniform(0.02, 0.09)
        left, right = x + (slant - wide) * deep, x + (slant + wide) * deep
        start = (x, y - 0.1 * canvas.unit)
        shafts.polygon([start, (right, canvas.height), (left, canvas.height)], 110)
    canvas.paint(shafts, tone, 0.5, 0.012 * canvas.unit)
