"""What it takes to send a picture: a few plain columns, and its bytes only when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, select

from app.errors import NotFound
from app.extensions import db
from app.models.image import IMAGES, ImageBlob, ImageThumbnail
from app.models.types import LARGEST_NUMBER, BigId

_BLOBS, _THUMBNAILS = (cast(Table, each.__table__) for each in (ImageBlob, ImageThumbnail))
_ID = bindparam("image_id", type_=BigId)
_COLUMNS = (IMAGES.c.id, IMAGES.c.prompt, IMAGES.c.created_at, IMAGES.c.sha256)
# Made once, as those of listings are.
_PICTURE = select(*_COLUMNS, IMAGES.c.mime_type).where(IMAGES.c.id == _ID)
_THUMBNAIL = (
    select(*_COLUMNS, _THUMBNAILS.c.size)
    .join(_THUMBNAILS, _THUMBNAILS.c.image_id == IMAGES.c.id)
    .where(IMAGES.c.id == _ID, _THUMBNAILS.c.size <= bindparam("size"))
    .order_by(_THUMBNAILS.c.size.desc())
    .limit(1)
)
_PICTURE_DATA = select(_BLOBS.c.data).where(_BLOBS.c.image_id == _ID)
_THUMBNAIL_DATA = select(_THUMBNAILS.c.data).where(
    _THUMBNAILS.c.image_id == _ID, _THUMBNAILS.c.size == bindparam("size")
)


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture as it was kept, or, with a `size`, its thumbnail of so many pixels at the longest.

    `sha256` is that of the picture as it was kept, in both cases.
    """

    id: int
    prompt: str
    created_at: datetime
    sha256: str
    mime_type: str
    size: int | None = None

    @property
    def etag(self) -> str:
        """What names these bytes."""
        return self.sha256 if self.size is None else f"{self.sha256}-{self.size}"

    def read(self) -> bytes:
        """Return the bytes. Raises NotFound when the image was purged meanwhile."""
        query = _PICTURE_DATA if self.size is None else _THUMBNAIL_DATA
        values = {"image_id": self.id, "size": self.size}
        data = db.session.connection().scalar(query, values)
        if data is None:
            raise _no_image(self.id)
        return cast(bytes, data)


def picture_file(image_id: int) -> PictureFile:
    """Return the picture of an image, deleted or not. Raises NotFound."""
    return PictureFile(*_one(_PICTURE, image_id))


def thumbnail_file(image_id: int, size: int) -> PictureFile:
    """Return its thumbnail of that size, or the largest there is of a smaller picture.

    Raises NotFound.
    """
    row = _one(_THUMBNAIL, image_id, size)
    return PictureFile(row.id, row.prompt, row.created_at, row.sha256, "image/webp", row.size)


def _one(query: Select[Any], image_id: int, size: int | None = None) -> Any:
    row = None
    if 0 < image_id <= LARGEST_NUMBER:
        values = {"image_id": image_id, "size": size}
        row = db.session.connection().execute(query, values).first()
    if row is None:
        raise _no_image(image_id)
    return row


def _no_image(image_id: int) -> NotFound:
    return NotFound(f"There is no image {image_id}.")
