"""Still water, and the light on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from app.providers.sketching.colours import mix

if TYPE_CHECKING:
    from app.providers.sketching.canvas import Canvas
    from app.providers.sketching.colours import Colour


def mirror(canvas: Canvas, line: float, tint: Colour) -> None:
    """Turn everything below the line into water that mirrors what is above."""
    top = round(line)
    depth = canvas.height - top
    above = canvas.image.crop((0, max(0, top - depth), canvas.width, top))
    above = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((canvas.width, depth))
    # Ripples smear what is mirrored sideways.
    narrow = above.resize((max(2, canvas.width // 10), max(2, depth // 2)))
    smeared = narrow.resize(above.size, Image.Resampling.BILINEAR)
    water = Image.blend(above, smeared, 0.6)
    canvas.image.paste(Image.blend(water, Image.new("RGB", water.size, tint), 0.22), (0, top))
    ripples(canvas, line, mix(tint, (255, 255, 255), 0.35), 0.28)


def ripples(canvas: Canvas, line: float, colour: Colour, opacity: float) -> None:
    """Thin bright dashes on water, finer towards the horizon."""
    rng, unit = canvas.rng, canvas.unit
    stencil = canvas.stencil((0, line, canvas.width, canvas.height))
    for _ in range(round(90 * canvas.width / unit)):
        near = rng.random() ** 1.5
        x, y = rng.uniform(0, canvas.width), line + (canvas.height - line) * near
        stencil.ellipse(x, y, unit * (0.01 + 0.06 * near), unit * (0.0006 + 0.0016 * near))
    canvas.paint(stencil, colour, opacity)
