"""The comment that programs leave in the EXIF of a picture, read without decoding it (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from app.imaging.text_chunks import LONGEST, PNG

USER_COMMENT, EXIF = 0x9286, 0x8769
_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_BEGIN = b"Exif\0\0"
# How a comment says what its text is in; most say nothing.
_UNICODE, _OTHERS = b"UNICODE\0", (b"ASCII\0\0\0", bytes(8))


def user_comment(data: bytes) -> str | None:
    """Return the UserComment of a JPEG, WebP or PNG, None where there is none that can be read."""
    # The first alone counts: there is no more than one, unless somebody wants to keep us busy.
    tiff = next(_blocks(data), b"").removeprefix(_BEGIN)
    comment = _comment(tiff) if tiff[:4] in _ORDERS else None
    return _text(comment) if comment else None


def _blocks(data: bytes) -> Iterator[bytes]:
    """Yield what may be EXIF, of each format in its own way."""
    if data.startswith(b"\xff\xd8"):
        yield from _segments(data)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        yield from _chunks(data, 12, b"EXIF", "little")
    elif data.startswith(PNG):
        yield from _chunks(data, len(PNG), b"eXIf", "big")


def _segments(data: bytes) -> Iterator[bytes]:
    at = 2
    # Up to where the picture begins.
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] not in {b"\xda", b"\xd9", b""}:
        length = int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1 : at + 2] == b"\xe1" and data[at + 4 : at + 10] == _BEGIN:
            yield data[at + 4 : at + 2 + length]
        at += 2 + length


def _chunks(
    data: bytes, at: int, wanted: bytes, order: Literal["little", "big"]
) -> Iterator[bytes]:
    while at + 8 <= len(data):
        name, size = data[at : at + 4], data[at + 4 : at + 8]
        if order == "big":
            name, size = size, name
        length = int.from_bytes(size, order)
        if name == wanted and length <= LONGEST:
            yield data[at + 8 : at + 8 + length]
        # A chunk of a PNG has a sum behind it; one of a WebP has an even length.
        at += 12 + length if order == "big" else 8 + length + length % 2


def _comment(tiff: bytes) -> bytes | None:
    """Return the comment, which belongs below the first list, and by some is put into it."""
    order = _ORDERS[tiff[:4]]
    found = _values(tiff, int.from_bytes(tiff[4:8], order))
    if EXIF in found:
        found |= _values(tiff, int.from_bytes(found[EXIF], order))
    return found.get(USER_COMMENT)


def _values(tiff: bytes, at: int) -> dict[int, bytes]:
    """Return those of a list that are wanted here; where a list is, and texts, of a byte each."""
    order = _ORDERS[tiff[:4]]
    found = {}
    for entry in range(at + 2, at + 2 + 12 * int.from_bytes(tiff[at : at + 2], order), 12):
        tag = int.from_bytes(tiff[entry : entry + 2], order)
        length = int.from_bytes(tiff[entry + 4 : entry + 8], order)
        value = tiff[entry + 8 : entry + 12]
        if tag == USER_COMMENT and length > len(value):
            start = int.from_bytes(value, order)
            value = tiff[start : start + min(length, LONGEST)]
        if tag in {USER_COMMENT, EXIF}:
            found[tag] = value
    return found


def _text(comment: bytes) -> str:
    if comment.startswith(_UNICODE):
        return _wide(comment[len(_UNICODE) :])
    for begin in _OTHERS:
        comment = comment.removeprefix(begin)
    return comment.decode("utf-8", "replace").rstrip("\0")


def _wide(comment: bytes) -> str:
    """Return a text of two bytes a character; of which order they are, not all programs say."""
    if not comment.startswith((b"\xff\xfe", b"\xfe\xff")):
        # All of these texts have letters of English and digits, whose first byte is 0.
        is_big = comment[::2].count(0) >= comment[1::2].count(0)
        comment = (b"\xfe\xff" if is_big else b"\xff\xfe") + comment
    return comment.decode("utf-16", "replace").rstrip("\0")
