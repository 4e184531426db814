"""The palettes: eight colours each, tagged with the hour of the day that they look like."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from app.providers.sketching.colours import Colour, brighten, from_hex, mix, pull, saturate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random


@dataclass(frozen=True, slots=True)
class Palette:
    """A sky from the top down, land from far to near, the light's colour and two accents."""

    zenith: Colour
    middle: Colour
    horizon: Colour
    far: Colour
    near: Colour
    light: Colour
    accent: Colour
    second: Colour

    def map(self, change: Callable[[Colour], Colour]) -> Palette:
        """The palette with every colour changed."""
        return Palette(*(change(getattr(self, colour.name)) for colour in fields(self)))


#         zenith middle horizon  far   near   light  accent second
HOURS = {
    "night": """
        0b1030 1f2a5c 5a5f9e 2e3568 070a1c ffe9b8 f2a65a 7fd1e0
        1a0633 5b1a7a d8488f 4a1c6b 12041f ffd166 f72585 4cc9f0
        021a24 06404d 2f8f8a 0d4a52 01121a f2eecb ef8354 94d2bd
        15112b 3a2f5e 8c76a8 40365f 0d0a1b f3e6ff be95c4 f6bd60
        030d1c 0b3140 1f7a66 0f3b40 02090f d8ffe8 5ef0b0 a86bff
    """,
    "day": """
        3f84c4 8fc0e6 e9f1ee 8fb0c9 1f3d4f fffbe8 e4572e f2c14e
        5aa7b8 a9d6ce f3f0d2 8fbf9f 1f4a33 fff6cf f2a541 d8572a
        6fb6b0 b8e0d2 fdf3e0 86b8ae 25545a ffffff ff8a5b 3d7ea6
        4fa3c7 a8d5e2 f7e7c6 d9b48a 7a4527 fffdf0 c8553d f0c987
        7fb3d0 c9dfe0 fff1dc a9b7b0 26414c fff4d2 d1495b edae49
    """,
    "dawn": """
        5b6fa8 d9a5b3 ffe0c7 a98fae 3a2d4f fff3df f28482 84a59d
        7aa0b8 f5c6aa fff0d6 c9a9a6 4a4058 fff8e8 f6bd60 f28482
        7a6fb0 c9a8d8 fde2e4 a58fc0 33284f fff6e9 ff99c8 a9def9
        4f7f86 a8c3a8 fbe6b9 8aa592 23423f fff7dd f2a65a e56b6f
    """,
    "dusk": """
        3d1308 a8380b f6aa1c 8f3a12 1f0a05 ffe8c2 f25c05 ffd06b
        2d0a4e b02a7a ffb26b 7a2470 1b0630 ffe0a3 ff5d8f ffd166
        2a3d66 c8637a ffc78a 7d4a72 1d1a33 fff0c9 ff7f51 5bc0be
        23301a 7a7a33 f2cf73 5a6130 12190c fff1c4 e08e45 a7c957
        12214a 3f5f9a f2b488 3a4f80 0b1228 ffe3b0 ff9f5a 8ecae6
        0f3d4c 5a7d7c f4a261 3f5f63 0a2028 ffe8cc e76f51 2a9d8f
    """,
}
PALETTES: dict[str, tuple[Palette, ...]] = {
    hour: tuple(Palette(*map(from_hex, line.split())) for line in table.strip().splitlines())
    for hour, table in HOURS.items()
}

SNOW: Colour = (236, 242, 250)
AUTUMN: Colour = (196, 84, 24)
BLOSSOM: Colour = (244, 160, 190)
LEAF: Colour = (88, 140, 70)


def choose(rng: Random, hours: Sequence[str]) -> tuple[str, Palette]:
    """One of the hours (an hour given twice is twice as likely) and a palette for it."""
    hour = rng.choice(hours)
    return hour, rng.choice(PALETTES[hour])


def tinted(palette: Palette, colours: Sequence[Colour]) -> Palette:
    """The palette in the named colours: the first everywhere, a second for lights and accents."""
    if not colours:
        return palette
    main, other = colours[0], colours[-1]
    shifted = palette.map(lambda colour: pull(colour, main))
    if len(colours) == 1:
        return replace(shifted, accent=mix(shifted.accent, main, 0.6))
    return replace(
        shifted,
        horizon=pull(palette.horizon, other),
        light=pull(palette.light, other),
        accent=mix(pull(palette.accent, other), other, 0.6),
        second=pull(palette.second, other),
    )


def weathered(palette: Palette, weather: str | None) -> Palette:
    """The palette as that weather or season changes it."""
    return _WEATHERS[weather](palette) if weather in _WEATHERS else palette


def _storm(palette: Palette) -> Palette:
    return palette.map(lambda colour: saturate(brighten(colour, -0.14), 0.6))


def _fog(palette: Palette) -> Palette:
    return palette.map(lambda colour: saturate(mix(colour, palette.horizon, 0.35), 0.6))


def _snow(palette: Palette) -> Palette:
    return replace(
        palette.map(lambda colour: saturate(colour, 0.7)),
        far=mix(palette.far, SNOW, 0.45),
        accent=palette.accent,
    )


def _autumn(palette: Palette) -> Palette:
    return replace(
        palette,
        far=pull(palette.far, AUTUMN, 0.8),
        near=pull(palette.near, AUTUMN, 0.6),
        accent=AUTUMN,
        second=(228, 160, 50),
    )


def _spring(palette: Palette) -> Palette:
    return replace(
        palette,
        far=pull(palette.far, LEAF, 0.7),
        near=pull(palette.near, LEAF, 0.6),
        accent=BLOSSOM,
        second=(250, 214, 120),
    )


_WEATHERS: dict[str | None, Callable[[Palette], Palette]] = {
    "storm": _storm,
    "rain": _storm,
    "fog": _fog,
    "snow": _snow,
    "autumn": _autumn,
    "spring": _spring,
}
