"""Sample pictures for tests, small and made on the spot."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image, ImageCms

RED = (200, 30, 40)


def saved(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return a picture's file, written by Pillow with `options`."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def picture(
    file_format: str = "PNG",
    size: tuple[int, int] = (48, 32),
    mode: str = "RGB",
    color: Any = RED,
    **options: Any,
) -> bytes:
    """Return the file of a picture in one colour."""
    return saved(Image.new(mode, size, color), file_format, **options)


def scenery(size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return an RGB picture whose four sides and three bands all differ."""
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (across, down, Image.new("L", size, 90)))


def noise(pixels: int) -> bytes:
    """Return the PNG of a square of noise, which no format makes small."""
    return saved(Image.effect_noise((pixels, pixels), 64), "PNG")


def opened(data: bytes) -> Image.Image:
    """Return a file's decoded picture."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def rotated(data: bytes, orientation: int, file_format: str = "JPEG") -> bytes:
    """Return a picture written again, with an EXIF orientation (1 to 8)."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(opened(data), file_format, exif=exif.tobytes())


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """Return an RGB profile under which red means blue, and blue red."""
    swapped = srgb_profile().replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ")
    return swapped.replace(b"?XYZ", b"bXYZ")


def linear_grey_profile() -> bytes:
    """Return a grey profile with gamma 1: its 128 is sRGB's 188."""
    profile = srgb_profile().replace(b"RGB ", b"GRAY", 1).replace(b"rTRC", b"kTRC")
    curve = profile.index(b"para")
    return profile[: curve + 8] + struct.pack(">HHi", 0, 0, 1 << 16) + profile[curve + 16 :]


def cmyk_profile() -> bytes:
    """Return a CMYK profile of one table, under which cyan prints as red and black as black."""
    white, red, black = bytes((255, 128, 128)), bytes((136, 209, 198)), bytes((0, 128, 128))
    colours = [black if at & 1 else red if at & 8 else white for at in range(16)]  # CMYK, bitwise
    identity = struct.pack(">9i", *(1 << 16 if at % 4 == 0 else 0 for at in range(9)))
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity
    table += ramp * 4 + b"".join(colours) + ramp * 3
    white_point = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = struct.pack(">I", 2)
    tags += b"wtpt" + struct.pack(">II", 156, 20) + b"A2B0" + struct.pack(">II", 176, len(table))
    body = tags + white_point + table
    body += bytes(-len(body) % 4)
    header = bytearray(srgb_profile()[:128])
    header[:4] = struct.pack(">I", 128 + len(body))
    header[8:12] = bytes((2, 16, 0, 0))
    header[12:24] = b"prtrCMYKLab "
    return bytes(header) + body
