"""The mark that says what kind of picture this is."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

TEXT = "sketch"
INK = (255, 255, 255)
PLATE = (16, 17, 22)
OVERSAMPLING = 4  # Pillow draws rounded corners with hard edges


def mark_box(width: int, height: int) -> tuple[int, int, int, int]:
    """Where the plate is: in the lower right corner."""
    tall = max(14, round(min((width * height) ** 0.5, 1.6 * min(width, height)) * 0.027))
    wide, margin = round(tall * 2.9), round(tall * 0.6)
    right, bottom = width - margin, height - margin
    return right - wide, bottom - tall, right, bottom


def mark(image: Image.Image) -> None:
    """Put the plate with the word on the picture."""
    left, top, right, bottom = box = mark_box(*image.size)
    wide, tall = right - left, bottom - top
    plate = Image.new("L", (wide * OVERSAMPLING, tall * OVERSAMPLING))
    corner = tall * OVERSAMPLING * 0.32
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, *plate.size), corner, fill=150)
    image.paste(PLATE, box, plate.reduce(OVERSAMPLING))
    text = Image.new("L", (wide, tall))
    font = ImageFont.load_default(size=tall * 0.68)
    ImageDraw.Draw(text).text((wide / 2, tall * 0.48), TEXT, fill=225, font=font, anchor="mm")
    image.paste(INK, box, text)
