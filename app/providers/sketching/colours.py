"""Colours, mixed in OKLab: there a blend of two hues stays as bright as they look.

The matrices are Björn Ottosson's, https://bottosson.github.io/posts/oklab/.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour: TypeAlias = tuple[int, int, int]
Lab: TypeAlias = tuple[float, float, float]


def from_hex(code: str) -> Colour:
    """The colour of "ff8800"."""
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


@lru_cache(maxsize=4096)
def to_lab(colour: Colour) -> Lab:
    """Lightness, green to red, blue to yellow."""
    r, g, b = ((channel / 255) ** 2.2 for channel in colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def from_lab(lab: Lab) -> Colour:
    """The nearest colour that a screen can show."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _channel(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _channel(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _channel(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _channel(linear: float) -> int:
    return round(255 * math.pow(min(max(linear, 0.0), 1.0), 1 / 2.2))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with `share` (0 to 1) of the other in it."""
    (l1, a1, b1), (l2, a2, b2) = to_lab(one), to_lab(other)
    return from_lab((l1 + (l2 - l1) * share, a1 + (a2 - a1) * share, b1 + (b2 - b1) * share))


def along(colours: Sequence[Colour], share: float) -> Colour:
    """The colour at `share` (0 to 1) of the way through several."""
    place = share * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    return mix(colours[first], colours[first + 1], place - first)


def brighten(colour: Colour, by: float) -> Colour:
    """The same hue, lighter (or, below 0, darker): 1 is from black to white."""
    lightness, a, b = to_lab(colour)
    return from_lab((min(max(lightness + by, 0.0), 1.0), a, b))


def saturate(colour: Colour, factor: float) -> Colour:
    """The same lightness, with more or (below 1) less colour in it."""
    lightness, a, b = to_lab(colour)
    return from_lab((lightness, a * factor, b * factor))


def pull(colour: Colour, towards: Colour, strength: float = 0.8) -> Colour:
    """The colour in the other's hue, a little nearer its lightness: light stays light."""
    lightness, a, b = to_lab(colour)
    target, ta, tb = to_lab(towards)
    lightness += (target - lightness) * 0.25 * strength
    chroma, wanted = math.hypot(a, b), math.hypot(ta, tb)
    # Hardly any colour fits between black and white; the middle tones carry the hue.
    room = 1 - abs(2 * lightness - 1) ** 2
    length = (0.3 * chroma + 0.8 * wanted * room) if wanted > GREY else 0.0
    direction = length / wanted if wanted > GREY else 0.0
    return from_lab(
        (lightness, a + (ta * direction - a) * strength, b + (tb * direction - b) * strength)
    )


GREY = 0.02  # below this OKLab chroma a colour has no hue to speak of
