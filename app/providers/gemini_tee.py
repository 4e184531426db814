"""An answer on its way through: handed on byte by byte, copied, and kept from telling the key."""

from __future__ import annotations

import re
import zlib
from typing import Final

from app.providers.base import ProviderBadAnswer
from app.providers.gemini_words import SHORTEST_SECRET

_GZIP_FORMAT: Final = 31  # what zlib calls gzip with its largest window
_STEP: Final = 1 << 20  # so much is unpacked at a time: a bomb is seen while it is small

# A letter as JSON may spell it, also in JSON within JSON, where backslashes come by twos.
_ESCAPE: Final = re.compile(rb"\\{1,3}(?:u00([0-7][0-9a-fA-F])|([/\"]))")
_HALF_AN_ESCAPE: Final = re.compile(rb"\\{1,3}(?:u(?:0(?:0[0-7]?)?)?)?\Z")
_LONGEST_ESCAPE: Final = 8


class Tee:
    """Takes an answer's bytes as they came over the wire and says which of them may go on.

    `body` is the answer so far, unpacked. Bytes go on unchanged, unless the caller does not take gzip
    and the answer came so all the same: then it goes on unpacked.
    """

    def __init__(self, *, encoding: str, unpack: bool, most_bytes: int, secret: str) -> None:
        """Take the answer's content coding, and what is never to be told.

        Raises ProviderBadAnswer for a coding that nobody asked for.
        """
        if encoding not in {"", "identity", "gzip"}:
            raise _bad("is packed in a way for which nobody asked")
        self.body = bytearray()
        self._unpacker = zlib.decompressobj(_GZIP_FORMAT) if encoding == "gzip" else None
        self._raw = self._unpacker is not None and not unpack
        self._most = most_bytes
        self._secret = secret.encode() if len(secret) >= SHORTEST_SECRET else b""
        self._longest = len(self._secret) * _LONGEST_ESCAPE
        self._begins = re.compile(rb"\\|" + re.escape(self._secret[:1]))
        self._held = b""

    @property
    def packed(self) -> bool:
        """Whether what goes on is gzip."""
        return self._raw

    def feed(self, chunk: bytes) -> bytes:
        """Return what may go on now. Raises ProviderBadAnswer: then nothing more may."""
        plain = self._unpack(chunk)
        before = len(self.body)
        self.body += plain
        if len(self.body) > self._most:
            raise _bad(f"is over {self._most:,} bytes")
        if self._secret and self._tells_the_secret(before):
            raise _bad("names the API key and was therefore broken off")
        held, self._held = self._held, b""
        waiting = self._may_begin_the_secret() if self._secret else 0
        if self._raw:
            # Of packed bytes nobody can tell which stand for the key's beginning.
            self._held = held + chunk if waiting else b""
            return b"" if waiting else held + chunk
        passing = held + plain
        ready = max(len(passing) - waiting, 0)
        self._held = passing[ready:]
        return passing[:ready]

    def end(self) -> bytes:
        """Return what was held back. Raises ProviderBadAnswer for an answer that was cut off."""
        if self._unpacker is not None and not self._unpacker.eof:
            raise _bad("was cut off on its way")
        held, self._held = self._held, b""
        return held

    def _unpack(self, chunk: bytes) -> bytes:
        if self._unpacker is None:
            return chunk
        if self._unpacker.eof:
            raise _bad("goes on after its end")
        plain = bytearray()
        left = chunk
        try:
            while left and not self._unpacker.eof and len(self.body) + len(plain) <= self._most:
                plain += self._unpacker.decompress(left, _STEP)
                left = self._unpacker.unconsumed_tail
        except zlib.error as error:
            raise _bad("is garbled gzip") from error
        if self._unpacker.unused_data:
            raise _bad("goes on after its end")
        return bytes(plain)

    def _may_begin_the_secret(self) -> int:
        """Return how many of the last bytes are the beginning of the key, however it is spelt."""
        tail = bytes(self.body[-self._longest :])
        if b"\\" in tail:
            starts = (each.start() for each in self._begins.finditer(tail))
            return next((len(tail) - each for each in starts if self._goes_on(tail[each:])), 0)
        longest = min(len(self._secret) - 1, len(tail))
        for length in range(longest, 0, -1):
            if tail.endswith(self._secret[:length]):
                return length
        return 0

    def _goes_on(self, end: bytes) -> bool:
        return self._secret.startswith(_read(_HALF_AN_ESCAPE.sub(b"", end)))

    def _tells_the_secret(self, before: int) -> bool:
        """Whether it is in what came after so many bytes, or began before them."""
        if self.body.find(self._secret, max(before - len(self._secret), 0)) >= 0:
            return True
        window = max(before - self._longest, 0)
        if self.body.find(b"\\", window) < 0:  # as in all of a picture
            return False
        return self._secret in _read(bytes(self.body[window:]))


def _read(spelt: bytes) -> bytes:
    """Return the letters that escapes stand for in their place."""
    return _ESCAPE.sub(lambda found: found[2] or bytes([int(found[1], 16)]), spelt)


def _bad(what: str) -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"Gemini's answer {what}. It may have been billed all the same; try again later.",
        may_be_billed=True,
    )
