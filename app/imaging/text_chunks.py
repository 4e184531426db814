"""The texts that programs leave in a PNG, read without decoding the picture (pure)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

PNG = b"\x89PNG\r\n\x1a\n"
# Of one text, and of all together: packed ones can be bombs.
LONGEST = 1024**2
MOST = 4 * LONGEST


def png_texts(data: bytes) -> dict[str, str]:
    """Return the texts of a PNG by their keywords, the first of each; none of what is no PNG.

    What is damaged or beyond measure is left out.
    """
    found: dict[str, str] = {}
    room = MOST
    for kind, content in _chunks(data):
        keyword, there, rest = content.partition(b"\0")
        text = _text(kind, rest) if there else None
        if text is not None and len(text) <= room:
            room -= len(text)
            found.setdefault(keyword.decode("latin-1"), text)
    return found


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each chunk that holds a text."""
    at = len(PNG) if data.startswith(PNG) else len(data)
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind in {b"tEXt", b"zTXt", b"iTXt"} and length <= LONGEST:
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _text(kind: bytes, rest: bytes) -> str | None:
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        unpacked = _unpacked(rest[1:])
        return None if unpacked is None else unpacked.decode("latin-1")
    is_packed, rest = rest[:1] == b"\1", rest[2:]
    # After the language and the keyword in it.
    text: bytes | None = rest.split(b"\0", 2)[-1]
    if is_packed:
        text = _unpacked(text or b"")
    return None if text is None else text.decode("utf-8", "replace")


def _unpacked(data: bytes) -> bytes | None:
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, LONGEST)
    except zlib.error:
        return None
    return found if unpacking.eof else None
