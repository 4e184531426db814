"""Geometric: quarter circles, discs and bars on a grid, or a few large forms set freely."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.providers.sketching.colours import Colour, mix, to_lab
from app.providers.sketching.masks import curve
from app.providers.sketching.roofs import block

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.skies import Setting
    from app.providers.sketching.stencils import Point, Stencil

PAPER: Colour = (243, 235, 220)
DISTINCT = 0.16  # in OKLab: nearer inks are lost on the paper
EITHER = (True, False)


def paint_bauhaus(canvas: Canvas, setting: Setting) -> None:
    """A poster, printed on paper."""
    colours = setting.palette
    paper = (
        mix(colours.near, colours.zenith, 0.3)
        if setting.dark
        else mix(PAPER, colours.horizon, 0.25)
    )
    inks = _inks(setting, paper)
    canvas.image.paste(paper, (0, 0, *canvas.size))
    (_grid if canvas.chance(0.5) else _free)(canvas, inks, paper)
    _wear(canvas, mix(paper, colours.near, 0.6))


def _inks(setting: Setting, paper: Colour) -> list[Colour]:
    """The palette's colours that stand out from the paper."""
    colours = setting.palette
    wanted = (
        colours.accent,
        colours.near,
        colours.second,
        colours.middle,
        colours.far,
        colours.light,
        colours.zenith,
    )
    plain = to_lab(paper)
    inks = [ink for ink in wanted if math.dist(to_lab(ink), plain) > DISTINCT]
    return inks or [mix(paper, (0, 0, 0), 0.8)]


def _grid(canvas: Canvas, inks: Sequence[Colour], paper: Colour) -> None:
    """Square tiles, each with one form; the edges may cut them."""
    rng = canvas.rng
    across = max(2, round(canvas.width / canvas.unit * rng.choice((3, 4, 5))))
    side = canvas.width / across
    down = math.ceil(canvas.height / side)
    top = (canvas.height - down * side) / 2
    for row in range(down):
        for column in range(across):
            _tile(canvas, (column * side, top + row * side), side, inks, paper)


def _tile(
    canvas: Canvas, corner: Point, side: float, inks: Sequence[Colour], paper: Colour
) -> None:
    rng = canvas.rng
    x, y = corner
    first = rng.choice((*inks, paper))
    second = rng.choice([ink for ink in (*inks, paper) if ink != first])
    box = (x, y, x + side, y + side)
    canvas.image.paste(first, (round(x), round(y), round(x + side), round(y + side)))
    stencil = canvas.stencil((round(x), round(y), round(x + side), round(y + side)))
    rng.choice(FORMS)(stencil, box, rng)
    canvas.paint(stencil, second)


def _quarter(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    x, y = rng.choice(box[::2]), rng.choice(box[1::2])
    side = box[2] - box[0]
    stencil.ellipse(x, y, side)
    if rng.choice(EITHER):
        stencil.ellipse(x, y, side * 0.66, level=0)
        stencil.ellipse(x, y, side * 0.33)


def _half(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    left, top, right, bottom = box
    middle, radius = (left + right) / 2, (right - left) / 2
    if rng.choice(EITHER):
        stencil.ellipse(middle, rng.choice((top, bottom)), radius)
    else:
        stencil.ellipse(rng.choice((left, right)), (top + bottom) / 2, radius)


def _ring(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    x, y, radius = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, (box[2] - box[0]) / 2
    stencil.ellipse(x, y, radius * 0.86)
    stencil.ellipse(x, y, radius * rng.choice((0.3, 0.5)), level=0)


def _bars(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    left, top, right, bottom = box
    step = (right - left) / rng.choice((6, 8, 10))
    upright = rng.choice(EITHER)
    for i in range(0, round((right - left) / step), 2):
        start, end = i * step, (i + 1) * step
        bar = (left + start, left + end, top, bottom)
        stencil.polygon(block(*(bar if upright else (left, right, top + start, top + end))))


def _triangle(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    corners.pop(rng.randrange(4))
    stencil.polygon(corners)


def _dots(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    count = rng.choice((3, 4))
    step = (box[2] - box[0]) / count
    for i in range(count * count):
        x, y = box[0] + (i % count + 0.5) * step, box[1] + (i // count + 0.5) * step
        stencil.ellipse(x, y, step * 0.26)


def _petal(stencil: Stencil, box: Sequence[float], rng: Random) -> None:
    """A leaf from corner to corner: where two quarter circles overlap."""
    left, top, right, bottom = box
    side = right - left
    arcs = [i * math.pi / 32 for i in range(17)]
    one = [(left + side * math.sin(a), top + side * (1 - math.cos(a))) for a in arcs]
    other = [(right - side * math.sin(a), bottom - side * (1 - math.cos(a))) for a in arcs]
    path = [*one, *other]
    if rng.choice(EITHER):
        path = [(left + right - x, y) for x, y in path]
    stencil.polygon(path)


FORMS: tuple[Callable[[Stencil, Sequence[float], Random], None], ...] = (
    *(_quarter, _quarter, _quarter, _half, _half, _ring, _bars),
    *(_triangle, _dots, _petal, _petal),
)


def _free(canvas: Canvas, inks: Sequence[Colour], paper: Colour) -> None:
    """A large disc off the middle, bars across it at one slant, and small answers to both."""
    rng = canvas.rng
    x, y = canvas.width * rng.choice((0.36, 0.62)), canvas.height * rng.uniform(0.36, 0.5)
    slant = rng.uniform(-0.9, 0.9)
    _arch(canvas, inks)
    _halved_disc(canvas, (x, y), slant, inks)
    _bars_across(canvas, (x, y), slant, inks)
    for _ in range(5):
        u, v = rng.uniform(0.08, 0.92) * canvas.width, rng.uniform(0.08, 0.92) * canvas.height
        size = canvas.unit * rng.choice((0.012, 0.025, 0.05, 0.08))
        canvas.disc(u, v, size, rng.choice(inks))
        if canvas.chance(0.5):
            canvas.disc(u, v, size * 0.62, paper)


def _halved_disc(canvas: Canvas, centre: Point, slant: float, inks: Sequence[Colour]) -> None:
    (x, y), radius = centre, canvas.unit * 0.29
    canvas.disc(x, y, radius, inks[0])
    angles = [slant + i * math.pi / 48 for i in range(49)]
    half = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
    canvas.polygon(half, inks[2 % len(inks)])


def _bars_across(canvas: Canvas, centre: Point, slant: float, inks: Sequence[Colour]) -> None:
    rng, unit = canvas.rng, canvas.unit
    for i in range(6):
        x = centre[0] + rng.uniform(-0.4, 0.4) * unit
        y = centre[1] + rng.uniform(-0.4, 0.5) * unit
        long, thick = unit * rng.uniform(0.25, 0.95), unit * rng.choice((0.006, 0.012, 0.03, 0.07))
        turn = slant + (0 if i % 3 else math.pi / 2)
        canvas.polygon(_bar(x, y, long, thick, turn), inks[(i + 1) % len(inks)], 0.92)


def _arch(canvas: Canvas, inks: Sequence[Colour]) -> None:
    """Concentric arches that rise from the lower edge."""
    rng = canvas.rng
    x = canvas.width * rng.uniform(0.2, 0.8)
    for i in range(4):
        canvas.disc(x, canvas.height, canvas.unit * (0.44 - 0.1 * i), inks[(i + 3) % len(inks)])


def _bar(x: float, y: float, long: float, thick: float, turn: float) -> list[Point]:
    """A rectangle around (x, y), turned."""
    cos, sin = math.cos(turn), math.sin(turn)
    ends = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    flat = [(u * long / 2, v * thick / 2) for u, v in ends]
    return [(x + u * cos - v * sin, y + u * sin + v * cos) for u, v in flat]


def _wear(canvas: Canvas, tone: Colour) -> None:
    """The unevenness of ink on paper."""
    canvas.shade(tone, canvas.clouds(6, octaves=4).point(curve(0.5, 1, peak=0.12)))
