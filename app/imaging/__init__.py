"""Pictures as bytes: what is taken in, how it is checked, and how it is turned into a JPEG.

JPEG, PNG, WebP, GIF and AVIF come in, and no other decoder of Pillow's is ever reached. A picture
is decoded once; its thumbnails and its average colour come from that same decode. Nothing here
knows Flask or the database, and every refusal is an InvalidPicture fit to be shown to the user.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Literal

import pybase64

# Pillow knows a plugin once it is imported; for one that is missing it would import them all.
from PIL import (
    AvifImagePlugin,  # noqa: F401
    ExifTags,
    Image,
    ImageCms,
    ImageFile,
    WebPImagePlugin,  # noqa: F401
)

from app.errors import InvalidPicture, PictureTooLarge
from app.imaging.colour import alters, colours, in_mode, recoloured, srgb_transform
from app.imaging.files import is_bare, is_heic, refusal, sniff

__all__ = [
    "DEFAULT_LIMITS",
    "LARGE",
    "MOST_PIXELS",
    "SMALL",
    "ImageFormat",
    "Limits",
    "Picture",
    "Seen",
    "Thumbnail",
    "WrittenFormat",
    "converted",
    "decode_base64",
    "encode_base64",
    "image_bytes",
    "is_heic",
    "look",
    "prepare",
    "reduced",
    "sniff",
    "to_jpeg",
]

ImageFormat = Literal["original", "jpeg", "webp", "png"]
WrittenFormat = Literal["jpeg", "webp", "png"]

MEGA: Final = 1_000_000
SMALL: Final = 320
LARGE: Final = 640

# Limits.max_pixels decides below this; from here on Pillow itself refuses, before a GIF of forty
# bytes gets the memory that its header claims. AVIF and WebP end at 16,384 squared anyway.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS = 1 << 28

_DECODES = threading.BoundedSemaphore(2)  # 50 Mpx may take 400 MB while it is being worked on
_HEADERS = threading.Lock()

# What Pillow raises at damaged files: ValueError, SyntaxError, OSError and RuntimeError in 108,000
# random ones, the others by its code. Warnings count only where they are made errors.
_DAMAGE: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)

# On a noisy 1024² picture PNG level 4 took 79 ms against 269 for level 6, for 7% more bytes;
# WebP method 2 took 40 ms against 88 for method 4, for the same bytes.
_SAVING: Final[dict[str, dict[str, Any]]] = {
    "jpeg": {},
    "webp": {"method": 2},
    "png": {"compress_level": 4},
}
_LONGEST: Final = {"jpeg": 65_500, "webp": 16_383, "png": (1 << 31) - 1}

_BYTE_OF_WORD: Final = [(value + 128) // 257 for value in range(1 << 16)]
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is accepted: bytes of a file, and pixels of a picture (width times height).

    Beyond 268 million pixels nothing is opened, whatever the limit.
    """

    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = 50 * MEGA


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small WebP of a picture. `size` is the longest side asked for, in pixels: 320 or 640."""

    size: int
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture, ready to be kept.

    `width` and `height` are pixels as seen, upright; `color` is the average as "#rrggbb", over
    white; `sha256` is that of `data`, in hex; the thumbnails are upright and sRGB.
    """

    data: bytes
    mime_type: str
    width: int
    height: int
    color: str
    sha256: str
    thumbnails: tuple[Thumbnail, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file shows: `width` and `height` are pixels as seen, upright."""

    mime_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Source:
    """A decoded first frame as it lies in its file, and what makes it look as it should."""

    pixels: Image.Image  # L, LA, RGB, RGBA or CMYK; smaller than the picture where that will do
    turn: Image.Transpose | None
    transform: ImageCms.ImageCmsTransform | None
    width: int
    height: int
    kept: bool  # the file may stay as it came

    def seen(self, pixels: Image.Image) -> Image.Image:
        """Return `pixels`, which are ours at any size, upright and in sRGB: L, LA, RGB or RGBA."""
        if self.turn is not None:
            pixels = pixels.transpose(self.turn)
        if self.transform is not None:
            return recoloured(pixels, self.transform)
        return in_mode(pixels, "RGB") if pixels.mode == "CMYK" else pixels


def image_bytes(image_data: object) -> bytes:
    """Return the bytes of anything that has `.image.image_bytes`, as the Gemini SDK's pictures do.

    Raises InvalidPicture if they are missing, None or not bytes.
    """
    data = getattr(getattr(image_data, "image", None), "image_bytes", None)
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InvalidPicture("There is no picture in image_data: .image.image_bytes must be bytes.")
    return bytes(data)


def prepare(
    data: bytes,
    *,
    output: ImageFormat = "original",
    quality: int = 90,
    limits: Limits = DEFAULT_LIMITS,
) -> Picture:
    """Check a picture, turn it into `output`, and make its thumbnails.

    "original" keeps the bytes. The others keep them too if they already are a plain file of that
    format; if not, the first frame is written anew, upright, in sRGB, without metadata. `quality`
    (1 to 100) is for JPEG, which is flattened on white, and WebP.

    Raises InvalidPicture, or UnsupportedPicture or PictureTooLarge, which are kinds of it.
    """
    with _DECODES:
        source = _decode(data, output, limits, least=LARGE)
        if source.kept:
            small = source.seen(_shrunk(source.pixels, LARGE))
        else:
            full = source.seen(source.pixels)
            data = _encode(full, output, quality)
            small = _shrunk(full, LARGE)
        return Picture(
            data=data,
            mime_type=sniff(data) or "",
            width=source.width,
            height=source.height,
            color=_average(small),
            sha256=hashlib.sha256(data).hexdigest(),
            thumbnails=_thumbnails(small),
        )


def look(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Seen:
    """Decode a picture and keep nothing of it. Raises as prepare() does."""
    with _DECODES:
        source = _decode(data, "original", limits, least=1)
        return Seen(sniff(data) or "", source.width, source.height)


def reduced(
    data: bytes, longest: int, *, quality: int = 80, limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """Return a picture as a WebP of at most `longest` pixels a side: upright, sRGB, no metadata.

    Raises as prepare() does.
    """
    with _DECODES:
        source = _decode(data, "original", limits, least=longest)
        return _webp(source.seen(_shrunk(source.pixels, longest)), quality)


def to_jpeg(data: bytes, *, quality: int = 90, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return a picture as a plain JPEG that looks the same; if it is one already, untouched.

    `quality` is 1 to 100. Raises as prepare() does.
    """
    return converted(data, "jpeg", quality=quality, limits=limits)


def converted(
    data: bytes,
    output: WrittenFormat,
    *,
    quality: int = 90,
    anew: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """Return a picture in a format, as prepare() would keep it; `anew`: written again in any case.

    Raises as prepare() does.
    """
    with _DECODES:
        # A JPEG that is written again must not come scaled down.
        source = _decode(data, output, limits, least=MOST_PIXELS if anew else 1)
        if source.kept and not anew:
            return data
        return _encode(source.seen(source.pixels), output, quality)


def encode_base64(data: bytes) -> str:
    """Return bytes as base64 in one line."""
    return pybase64.b64encode_as_string(data)


def decode_base64(text: str) -> bytes:
    """Return the bytes that strict base64 stands for. Raises InvalidPicture if it is not that."""
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidPicture(
            "The picture is not valid base64: send plain base64, with padding, without line breaks"
            " and without a data: prefix."
        ) from error


# Reading


def _decode(data: bytes, output: ImageFormat, limits: Limits, *, least: int) -> _Source:
    """Decode the first frame; where the file is kept, `least` pixels a side are enough."""
    image = _opened(data, limits)
    transform = srgb_transform(image)
    is_srgb = not image.info.get("icc_profile")
    if transform is not None and not alters(transform):
        transform, is_srgb = None, True
    kept = output == "original" or (is_srgb and is_bare(image, data, output))
    width, height = image.size
    with _damage_refused():
        if kept:
            image.draft(None, (least, least))  # a large JPEG is checked in full, but scaled down
        image.load()
        pixels = _in_bands(image)
    turn = _turn(image)
    if turn in _SIDEWAYS:
        width, height = height, width
    return _Source(pixels, turn, transform, width, height, kept)


def _opened(data: bytes, limits: Limits) -> ImageFile.ImageFile:
    """Read the header, and refuse by it what is not to be decoded."""
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(
            f"The file has {len(data) / MEGA:,.1f} MB, over the limit of"
            f" {limits.max_bytes / MEGA:,.1f} MB. Send a smaller one."
        )
    mime_type = sniff(data)
    if mime_type is None:
        raise refusal(data)
    try:
        with _damage_refused(), _header_read():
            image = Image.open(BytesIO(data), formats=[mime_type.removeprefix("image/")])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(_too_many_pixels("far too many", limits)) from error
    if image.width * image.height > limits.max_pixels:
        raise PictureTooLarge(_too_many_pixels(f"{image.width:,} by {image.height:,}", limits))
    return image


def _too_many_pixels(found: str, limits: Limits) -> str:
    most = min(limits.max_pixels, MOST_PIXELS)
    return f"The picture has {found} pixels; the limit is {most:,} in all. Make it smaller."


@contextmanager
def _header_read() -> Iterator[None]:
    """Keep Pillow from warning of oddities in metadata, which are no fault of the picture's."""
    with _HEADERS, warnings.catch_warnings(action="ignore"):  # which is not safe among threads
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Turn whatever Pillow raises at a damaged file into InvalidPicture, save for bombs."""
    try:
        yield
    except Image.DecompressionBombWarning:
        raise
    except _DAMAGE as error:
        raise InvalidPicture(
            "The picture is damaged or cut short. Send it again from the original file."
        ) from error


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return what brings the picture upright. Only a decoded PNG has all of its EXIF."""
    try:
        with _header_read():
            orientation = image.getexif().get(ExifTags.Base.Orientation)
        return _TURNS.get(orientation) if isinstance(orientation, int) else None
    except _DAMAGE:
        return None  # a picture whose EXIF is broken can still be seen


def _in_bands(image: Image.Image) -> Image.Image:
    """Return a decoded picture as L, LA, RGB, RGBA or CMYK: what can be scaled and recoloured."""
    if image.mode == "I;16":
        return _in_eight_bits(image)
    bands = colours(image.mode)
    if image.has_transparency_data:
        bands = "LA" if bands == "L" else "RGBA"
    return in_mode(image, bands)


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey, and find its transparent value; Pillow's own conversion clips both."""
    wide = image.convert("I")
    grey = wide.point(_BYTE_OF_WORD, "L")
    clear = image.info.get("transparency")
    if clear is not None:
        grey.putalpha(wide.point([255 * (value != clear) for value in range(1 << 16)], "L"))
    return grey


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture without alpha, over white."""
    if image.mode not in {"LA", "RGBA"}:
        return image
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=image.getchannel("A"))
    return sheet


def _average(image: Image.Image) -> str:
    pixel = _flat(image).resize((1, 1), Image.Resampling.BOX)
    return f"#{in_mode(pixel, 'RGB').tobytes().hex()}"


# Writing


def _encode(image: Image.Image, output: ImageFormat, quality: int) -> bytes:
    """Write an upright sRGB picture in `output`, which is not "original", without metadata."""
    if max(image.size) > _LONGEST[output]:
        raise PictureTooLarge(
            f"A side of {max(image.size):,} pixels is too long for {output.upper()}, which ends at"
            f" {_LONGEST[output]:,}. Make it smaller or ask for another format."
        )
    image.info = {}  # Pillow would write a comment or profile that is left there
    buffer = BytesIO()
    sheet = _flat(image) if output == "jpeg" else image
    sheet.save(buffer, output, quality=quality, **_SAVING[output])
    return buffer.getvalue()


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    """Return a picture scaled down to `longest` pixels on its longer side, never up."""
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    # Hamming looks like bicubic on the way down, and took 7.0 ms against 11.5 from 1024² to 640².
    return image.resize((width, height), Image.Resampling.HAMMING, reducing_gap=1.0)


def _thumbnails(image: Image.Image) -> tuple[Thumbnail, ...]:
    """Make the small one always, and the large one where it would be larger than that."""
    sizes = (SMALL, LARGE) if max(image.size) > SMALL else (SMALL,)
    return tuple(_thumbnail(image, size) for size in sizes)


def _thumbnail(image: Image.Image, size: int) -> Thumbnail:
    small = _shrunk(image, size)
    return Thumbnail(size, _webp(small, 75), small.width, small.height)


def _webp(image: Image.Image, quality: int) -> bytes:
    """Write a small picture quickly."""
    image.info = {}  # Pillow would write a comment or profile that is left there
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=0)
    return buffer.getvalue()
