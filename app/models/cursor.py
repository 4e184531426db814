"""Cursors: opaque places in a list, bound to the filter that they were made for."""

from __future__ import annotations

import hashlib
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass

from app.errors import InvalidInput

# Direction, rank, position, fingerprint of the filter.
_FORMAT = struct.Struct(">cqq8s")


@dataclass(frozen=True, slots=True)
class Cursor:
    """What comes after `position` in the filter's order, or, `backwards`, what comes before it.

    It names a place and not a row, so it holds while rows come and go, this very one included.
    `rank` is what a list is sorted by before the position; 0 where that is all.
    A filter is a frozen dataclass: its repr tells which list it is of, and all its conditions.
    """

    position: int
    backwards: bool = False
    rank: int = 0

    def encode(self, wanted: object) -> str:
        """Return the text that stands for this place in this filter."""
        direction = b"<" if self.backwards else b">"
        packed = _FORMAT.pack(direction, self.rank, self.position, _fingerprint(wanted))
        return urlsafe_b64encode(packed).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str, wanted: object) -> Cursor:
        """Return the place that a text stands for. Raises InvalidInput when it is not of here."""
        try:
            packed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            direction, rank, position, fingerprint = _FORMAT.unpack(packed)
        except (struct.error, Base64Error, ValueError) as error:
            raise InvalidInput("This is no cursor of this list.", field="cursor") from error
        if direction not in {b"<", b">"} or fingerprint != _fingerprint(wanted):
            raise InvalidInput(
                "This cursor was made for another filter; start again without it.", field="cursor"
            )
        return cls(position, direction == b"<", rank)


def _fingerprint(wanted: object) -> bytes:
    """Return eight bytes that differ between filters, the order of pages included."""
    return hashlib.sha256(repr(wanted).encode()).digest()[:8]
