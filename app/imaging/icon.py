"""The icon as PNG, drawn from its SVG: there is one drawing, and not every place takes SVG.

Only what that drawing is made of is understood: filled `rect`, and `circle` with a stroke.
"""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree as ET

from PIL import Image, ImageDraw

# Drawn so many times as large and then made smaller, which makes edges smooth.
FINER = 4
COLOURS = 128


def icon_png(svg: str, size: int, *, whole: bool = False) -> bytes:
    """Return a square PNG of `size` pixels of a drawing of our own.

    `whole` fills the corners, which the ground rounds: for places that cut the icon themselves.
    """
    root = ET.fromstring(svg)  # noqa: S314 - our own file
    pixels = size * FINER
    scale = pixels / float(root.attrib["viewBox"].split()[2])
    canvas = Image.new("RGBA", (pixels, pixels))
    draw = ImageDraw.Draw(canvas)
    ground, *shapes = root
    if whole:
        draw.rectangle((0, 0, pixels, pixels), ground.attrib["fill"])
    else:
        _rect(draw, ground, scale)
    for shape in shapes:
        (_circle if shape.tag.endswith("circle") else _rect)(draw, shape, scale)
    smooth = canvas.resize((size, size), Image.Resampling.LANCZOS)
    out = BytesIO()
    # A palette is a quarter of the bytes, and nobody sees it.
    smooth.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _rect(draw: ImageDraw.ImageDraw, shape: ET.Element, scale: float) -> None:
    x, y, width, height, radius = _numbers(shape, scale, "x", "y", "width", "height", "rx")
    draw.rounded_rectangle((x, y, x + width - 1, y + height - 1), radius, shape.attrib["fill"])


def _circle(draw: ImageDraw.ImageDraw, shape: ET.Element, scale: float) -> None:
    x, y, radius, stroke = _numbers(shape, scale, "cx", "cy", "r", "stroke-width")
    far = radius + stroke / 2  # SVG strokes to both sides of the line
    fill = None if shape.attrib["fill"] == "none" else shape.attrib["fill"]
    draw.ellipse((x - far, y - far, x + far, y + far), fill, shape.attrib["stroke"], round(stroke))


def _numbers(shape: ET.Element, scale: float, *names: str) -> list[float]:
    return [float(shape.attrib.get(name, 0)) * scale for name in names]
