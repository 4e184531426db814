"""The setting of a picture, and the sky that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageChops

from app.providers.sketching.colours import Colour, brighten, mix
from app.providers.sketching.masks import curve, scaled

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.palettes import Palette
    from app.providers.sketching.stencils import Point
    from app.providers.sketching.words import Brief


OVERCAST = frozenset(("storm", "fog", "rain"))


@dataclass(frozen=True, slots=True)
class Setting:
    """The brief made definite: everything that chance or a word has decided for this picture."""

    palette: Palette
    hour: str
    brief: Brief
    focus: Point | None = None
    """Where something will stand in front of the scene: the sun or moon belongs behind it."""

    @property
    def weather(self) -> str | None:
        """The weather or season, if the prompt names one."""
        return self.brief.weather

    @property
    def overcast(self) -> bool:
        """Whether clouds or fog hide the sun."""
        return self.weather in OVERCAST

    @property
    def dark(self) -> bool:
        """Whether it is night."""
        return self.hour == "night"


def sky(canvas: Canvas, setting: Setting, horizon: float) -> Point:
    """Paint the sky down to the horizon (in pixels); return where the sun or moon stands."""
    colours = setting.palette
    stops = [colours.zenith, colours.middle, colours.horizon]
    canvas.wash(canvas.gradient(stops, 0, horizon * 1.05))
    if setting.dark:
        stars(canvas, horizon, round(140 * canvas.width * horizon / canvas.unit**2))
    sun = _sun_place(canvas, setting, horizon)
    if setting.overcast:
        _overcast(canvas, setting, horizon)
        canvas.glow(*sun, 0.4 * canvas.unit, colours.light, 0.35)
    else:
        _sun(canvas, setting, sun)
        streaks(canvas, setting, horizon)
    return sun


def _sun_place(canvas: Canvas, setting: Setting, horizon: float) -> Point:
    rng = canvas.rng
    across, up = rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.3)
    if setting.focus:
        return setting.focus
    if setting.hour in ("night", "day"):
        return across * canvas.width, max(0.55 * horizon - up * canvas.unit, 0.13 * canvas.unit)
    return across * canvas.width, horizon - (up - 0.02) * canvas.unit


def _sun(canvas: Canvas, setting: Setting, place: Point) -> None:
    rng = canvas.rng
    x, y = place
    light = setting.palette.light
    radius = canvas.unit * (rng.uniform(0.05, 0.1) + (0.1 if setting.focus else 0))
    canvas.glow(x, y, radius * 5.5, mix(light, setting.palette.horizon, 0.4), 0.55)
    canvas.glow(x, y, radius * 2.6, light, 0.7)
    if setting.dark and not setting.focus and canvas.chance(0.3):
        _crescent(canvas, x, y, radius, light)
        return
    lower = mix(light, setting.palette.accent, 0.35 if setting.hour == "dusk" else 0.0)
    canvas.disc(x, y, radius, canvas.gradient([light, lower], y - radius, y + radius))


def _crescent(canvas: Canvas, x: float, y: float, radius: float, light: Colour) -> None:
    side = canvas.rng.choice((-1, 1))
    stencil = canvas.stencil((x - radius, y - radius, x + radius, y + radius))
    stencil.ellipse(x, y, radius)
    stencil.ellipse(x + side * radius * 0.42, y - radius * 0.16, radius * 0.88, level=0)
    canvas.paint(stencil, light)


def stars(canvas: Canvas, bottom: float, count: int) -> None:
    """Many faint stars and a few bright ones, fewer towards the bottom."""
    rng = canvas.rng
    stencil = canvas.stencil((0, 0, canvas.width, bottom))
    for _ in range(count):
        x, y = rng.uniform(0, canvas.width), bottom * rng.random() ** 1.4
        size = canvas.unit * 0.0021 * rng.random() ** 3 + canvas.unit * 0.0006
        stencil.ellipse(x, y, size, level=rng.randint(70, 255))
    canvas.paint(stencil, (246, 246, 255))


def streaks(canvas: Canvas, setting: Setting, horizon: float) -> None:
    """Thin clouds drawn out along the sky."""
    rng = canvas.rng
    if canvas.chance(0.3):
        return
    noise = canvas.clouds(rng.uniform(1.6, 3), stretch=rng.uniform(3, 6))
    level = horizon * rng.uniform(0.35, 0.85)
    mask = ImageChops.multiply(noise.point(curve(0.5, 0.95)), canvas.band(level, horizon * 0.6))
    tone = mix(setting.palette.horizon, setting.palette.light, 0.5)
    strength = 0.25 if setting.dark else 0.75
    canvas.shade(tone, mask.point(scaled(strength)))


def _overcast(canvas: Canvas, setting: Setting, horizon: float) -> None:
    noise = canvas.clouds(1.6, stretch=2.4)
    fog = setting.weather == "fog"
    dark = brighten(setting.palette.zenith, 0.05 if fog else -0.12)
    canvas.shade(dark, noise.point(curve(0.3, 0.85, peak=0.4 if fog else 0.85)))
    pale = mix(setting.palette.horizon, setting.palette.middle, 0.4)
    canvas.shade(pale, ImageChops.invert(noise).point(curve(0.5, 1, 1.3, peak=0.8)))
    canvas.shade(setting.palette.horizon, canvas.band(horizon, horizon * 0.5).point(curve(0, 1.4)))
