"""The pictures of a sheet as bytes, for whoever has its link.

What a picture's file says besides its pixels, which may be the prompt, goes along only where prompts
are shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import imaging
from app.errors import Busy, NotFound
from app.extensions import db
from app.models import Image, ProofSheetImage
from app.models.picture_file import PictureFile, picture_file, thumbnail_file
from app.services.file_names import ascii_file_name
from app.services.proof_sheets.cleaning import MOST_PICTURES
from app.services.proof_sheets.guest import live_sheet

SMALL = 640
# Pixels on the longer side: fills a screen.
LARGE = 1600
WEBP = "image/webp"
# What is written anew in its own format; others as PNG.
_FORMATS: dict[str, imaging.ImageFormat] = {
    "image/jpeg": "jpeg",
    "image/webp": "webp",
    "image/png": "png",
}
_QUALITY = 95
# What is worked out anew, in a process: one picture at a time, so that uploads, which share the
# decoders, go on; and no more that wait than a guest looks at together with the ones beside it.
_AT_WORK = threading.Lock()
_IN_HAND = threading.BoundedSemaphore(4)
_SOON = 2


@dataclass(frozen=True, slots=True)
class SheetFile:
    """Bytes to send, read when they are asked for; `etag` names them, `name` tells no prompt.

    `read` raises Busy where they are to be worked out while too many others are.
    """

    name: str
    etag: str
    mime_type: str
    created_at: datetime
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class _Place:
    """A picture on a sheet that is open."""

    title: str
    number: int
    image_id: int
    shows_prompts: bool

    def file(
        self, picture: PictureFile, mime_type: str, etag: str, read: Callable[[], bytes]
    ) -> SheetFile:
        """Return some bytes of it, named after the sheet."""
        name = ascii_file_name(self.number, self.title, mime_type)
        return SheetFile(name, etag, mime_type, picture.created_at, read)


def small_of(token: str, number: int) -> SheetFile:
    """Return a small picture by its number. Raises as `live_sheet` does, or NotFound."""
    place = _place(token, number)
    picture = thumbnail_file(place.image_id, SMALL)
    return place.file(picture, WEBP, picture.etag, picture.read)


def large_of(token: str, number: int) -> SheetFile:
    """Return a picture to look at, at most 1,600 pixels a side. Raises as above."""
    place = _place(token, number)
    picture = picture_file(place.image_id)

    def read() -> bytes:
        data = picture.read()
        return imaging.reduced(data, LARGE, limits=_any_size(data))

    return place.file(picture, WEBP, f"{picture.etag}-{LARGE}", _in_turn(read))


def original_of(token: str, number: int) -> SheetFile:
    """Return a picture in full. Raises as above; NotFound too where downloads were not chosen."""
    place = _place(token, number, downloads=True)
    picture = picture_file(place.image_id)
    if place.shows_prompts:
        return place.file(picture, picture.mime_type, picture.etag, picture.read)
    output = _FORMATS.get(picture.mime_type, "png")

    def read() -> bytes:
        data = picture.read()
        bare = imaging.prepare(data, output=output, quality=_QUALITY, limits=_any_size(data))
        return bare.data

    return place.file(picture, f"image/{output}", f"{picture.etag}-bare", _in_turn(read))


def _in_turn(work: Callable[[], bytes]) -> Callable[[], bytes]:
    """Return the same, which waits until it is its turn; it raises Busy where too many wait."""

    def read() -> bytes:
        if not _IN_HAND.acquire(blocking=False):
            raise Busy("Too many look at pictures just now; try again soon.", retry_after=_SOON)
        try:
            with _AT_WORK:
                return work()
        finally:
            _IN_HAND.release()

    return read


def _place(token: str, number: int, *, downloads: bool = False) -> _Place:
    sheet = live_sheet(token)
    query = (
        select(ProofSheetImage.image_id)
        .join(Image, Image.id == ProofSheetImage.image_id)
        .where(
            ProofSheetImage.sheet_id == sheet.id,
            ProofSheetImage.number == number,
            Image.deleted_at.is_(None),
        )
    )
    # No database looks for a larger number than its column holds.
    image_id = db.session.scalar(query) if number <= MOST_PICTURES else None
    if image_id is None or (downloads and not sheet.downloads):
        raise NotFound("There is no such picture on this sheet.")
    return _Place(sheet.title, number, image_id, sheet.shows_prompts)


def _any_size(data: bytes) -> imaging.Limits:
    """Return limits that let pass what was kept before they were made stricter."""
    return imaging.Limits(len(data), imaging.MOST_PIXELS)
