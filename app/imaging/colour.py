"""Colours as they should be seen: in sRGB, whatever profile a picture came with."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from typing import Final

from PIL import Image, ImageChops, ImageCms

_SRGB: Final = ImageCms.createProfile("sRGB")
_CUBE: Final = bytes(value for rgb in product((0, 64, 128, 192, 255), repeat=3) for value in rgb)
_PROBES: Final = {
    "L": Image.frombytes("L", (256, 1), bytes(range(256))),
    "RGB": Image.frombytes("RGB", (125, 1), _CUBE),
}


def colours(mode: str) -> str:
    """Return the mode that a mode's colours have without alpha and palette."""
    if mode in {"1", "L", "LA", "I;16"}:
        return "L"
    return "CMYK" if mode == "CMYK" else "RGB"


def srgb_transform(image: Image.Image) -> ImageCms.ImageCmsTransform | None:
    """Return what takes the picture to sRGB; None without a profile, or if it cannot be used."""
    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        return ImageCms.buildTransform(BytesIO(profile), _SRGB, colours(image.mode), "RGB")
    except ImageCms.PyCMSError:
        return None  # broken, or grey on a coloured picture: as good as untagged


def alters(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell whether colours change visibly. sRGB goes by many names, so it is tried out."""
    probe = _PROBES.get(transform.input_mode)
    if probe is None:
        return True
    difference = ImageChops.difference(transform.apply(probe), in_mode(probe, "RGB"))
    return max(difference.tobytes()) > 2  # noqa: PLR2004 - rounding in the profiles' curves


def recoloured(pixels: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    result = transform.apply(in_mode(pixels, transform.input_mode))
    if pixels.mode in {"LA", "RGBA"}:
        result.putalpha(pixels.getchannel("A"))
    return result


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Return a picture in `mode`: itself, where it is that already."""
    return image if image.mode == mode else image.convert(mode)  # convert() always copies
