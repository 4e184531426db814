"""What a file is, told from its bytes before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from app.errors import InvalidPicture, UnsupportedPicture

_SEND: Final = "convert it to JPEG, PNG or WebP and send that"
_HEIC_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS: Final = {b"avif", b"avis"}
_TIFF_MAGIC: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\f\r"))

# The parts that a file without metadata and animation is made of.
_BARE_JPEG: Final = {("APP0", b"JFIF"), ("APP2", b"ICC_PROFILE"), ("APP14", b"Adobe")}
_BARE_PNG: Final = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"iCCP"),
    *(b"sBIT", b"bKGD", b"hIST", b"pHYs"),
}
_BARE_WEBP: Final = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP"}


def sniff(data: bytes) -> str | None:
    """Return the MIME type that the first bytes claim, or None if it is not one that is opened."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return "image/avif" if _AVIF_BRANDS & _brands(data) else None


def is_heic(data: bytes) -> bool:
    """Tell whether the first bytes claim a HEIC or HEIF picture, which is not opened here."""
    return bool(_HEIC_BRANDS & _brands(data)) and sniff(data) is None


def _brands(data: bytes) -> set[bytes]:
    """Return the brands of an AVIF or HEIC file, of which the first alone may say too little."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(data[:4]), 256)
    return {data[at : at + 4] for at in (8, *range(16, end, 4))}


def refusal(data: bytes) -> InvalidPicture:
    """Say what bytes are that are no picture of ours, and what to do about it."""
    if not data:
        return InvalidPicture("The picture is empty: there are no bytes in it. Send it again.")
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    foreign = _foreign_format(data, head)
    if foreign is not None:
        return UnsupportedPicture(f"{foreign} pictures are not opened here: {_SEND}.")
    if head.startswith((b"<!doctype html", b"<html")):
        return InvalidPicture("This is a web page, not a picture. Save the picture and send that.")
    if head.translate(None, _CONTROLS) == head:
        return InvalidPicture("This is text, not a picture. Send the picture's own bytes.")
    return InvalidPicture(f"This is not a picture of a kind known here. If it is one, {_SEND}.")


def _foreign_format(data: bytes, head: bytes) -> str | None:
    if is_heic(data):
        return "HEIC"
    if data.startswith(_TIFF_MAGIC):
        return "TIFF"
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "BMP"
    if head.startswith((b"<svg", b"<?xml", b"<!")) and b"<svg" in head:
        return "SVG"
    return None


def is_bare(image: ImageFile.ImageFile, data: bytes, output: str) -> bool:
    """Tell whether a file is of that format and holds one picture without any metadata."""
    if sniff(data) != f"image/{output}":
        return False
    if isinstance(image, JpegImageFile):
        return _is_bare_jpeg(image, data)
    if output == "png":
        return set(_png_parts(data)) <= _BARE_PNG
    return set(_webp_parts(data)) <= _BARE_WEBP


def _is_bare_jpeg(image: JpegImageFile, data: bytes) -> bool:
    parts = {(name, content.partition(b"\0")[0]) for name, content in image.applist}
    # Phones append films and more pictures, so the first end after a start of scan must be last.
    whole = data.find(b"\xff\xd9", data.find(b"\xff\xda")) == len(data) - 2
    return whole and parts <= _BARE_JPEG and image.mode in {"L", "RGB"}


def _png_parts(data: bytes) -> Iterator[bytes]:
    """Yield the name of each chunk; a tail that is none gives a name that is not known."""
    at = 8
    while at < len(data):
        yield data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4])


def _webp_parts(data: bytes) -> Iterator[bytes]:
    at = 12
    while at < len(data):
        yield data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
