"""Pictures: whether each is there, is the one that was kept, can be seen, and has its thumbnails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from app.errors import InvalidPicture
from app.extensions import db
from app.models import Image, ImageBlob, ImageThumbnail, history_revision
from app.models.image_lock import begin_changes
from app.models.snapshot import snapshot
from app.services.check.fault import DAMAGED, Checker, Fault, Kind, Options, Progress
from app.services.check.writing import change
from app.services.database_trouble import is_damage

if TYPE_CHECKING:
    from app.imaging import Seen

PICTURE_GONE = Kind(
    "picture-gone",
    "images without their picture",
    advice="Restore it from a backup; the record is kept.",
)
PICTURE_CHANGED = Kind(
    "picture-changed",
    "pictures that are not what was kept (their SHA-256 differs)",
    advice="Restore it from a backup; neither picture nor record is touched.",
)
PICTURE_BROKEN = Kind(
    "picture-broken",
    "pictures that cannot be decoded",
    advice="They are the bytes that were kept: download and look at them.",
)
RECORD_WRONG = Kind(
    "record-wrong",
    "records that differ from their picture in bytes, sides or type",
    "set by the picture, where that is the one that was kept",
)
THUMBNAILS_WRONG = Kind(
    "thumbnails-wrong", "images whose thumbnails are missing or broken", "drawn anew"
)
_AT_ONCE = 100
# The sizes of thumbnails, as imaging has them, which loads Pillow.
SMALL, LARGE = 320, 640
_COLUMNS = (
    *(Image.id, Image.sha256, Image.byte_count, Image.width, Image.height, Image.mime_type),
)
_LENGTH = select(func.length(ImageBlob.data)).where(ImageBlob.image_id == Image.id)


def _count() -> int:
    return db.session.scalar(select(func.count(Image.id))) or 0


def _find(options: Options, progress: Progress) -> Iterator[Fault]:
    last = 0
    while True:
        # Few at a time: a snapshot that stays long has SQLite's log grow.
        with snapshot():
            query = select(*_COLUMNS, _LENGTH.scalar_subquery().label("length"))
            page = query.where(Image.id > last).order_by(Image.id).limit(_AT_ONCE)
            rows = db.session.execute(page).all()
            for row in rows:
                yield from _readable_faults(row, options)
        if not rows:
            return
        progress(len(rows))
        last = rows[-1].id


def _readable_faults(row: Row[Any], options: Options) -> Iterator[Fault]:
    """The same where the file is damaged just there: the other pictures can be read still."""
    try:
        yield from _faults(row, options)
    except DBAPIError as error:
        if not is_damage(error):
            raise
        yield Fault(DAMAGED, f"image {row.id}: {error.orig}")


def _faults(row: Row[Any], options: Options) -> Iterator[Fault]:
    if row.length is None:
        yield Fault(PICTURE_GONE, row.id)
        return
    kind = _by_length(row) if options.quick else _by_picture(row)
    if kind:
        yield Fault(kind, row.id)
    if not _has_thumbnails(row, options):
        yield Fault(THUMBNAILS_WRONG, row.id)


def _by_length(row: Row[Any]) -> Kind | None:
    return RECORD_WRONG if row.length != row.byte_count else None


def _by_picture(row: Row[Any]) -> Kind | None:
    data = _data(row.id)
    if data is None or hashlib.sha256(data).hexdigest() != row.sha256:
        return PICTURE_CHANGED
    seen = _seen(data)
    if seen is None:
        return PICTURE_BROKEN
    told = (row.byte_count, row.width, row.height, row.mime_type)
    return RECORD_WRONG if told != (len(data), seen.width, seen.height, seen.mime_type) else None


def _data(image_id: int) -> bytes | None:
    return db.session.scalar(select(ImageBlob.data).where(ImageBlob.image_id == image_id))


def _seen(data: bytes) -> Seen | None:
    from app import imaging  # with Pillow, which a quick check does without

    # It was within the limits when it came; they may have been lowered since.
    try:
        return imaging.look(data, imaging.Limits(len(data), imaging.MOST_PIXELS))
    except InvalidPicture:
        return None


def _has_thumbnails(row: Row[Any], options: Options) -> bool:
    query = select(ImageThumbnail.size, ImageThumbnail.width, ImageThumbnail.height)
    shown = query if options.quick else query.add_columns(ImageThumbnail.data)
    found = db.session.execute(shown.where(ImageThumbnail.image_id == row.id)).all()
    if {each.size for each in found} != _sizes(row.width, row.height):
        return False
    return options.quick or all(_is_whole(each) for each in found)


def _sizes(width: int, height: int) -> set[int]:
    return {SMALL, LARGE} if max(width, height) > SMALL else {SMALL}


def _is_whole(row: Row[Any]) -> bool:
    seen = _seen(row.data)
    return seen is not None and (seen.width, seen.height) == (row.width, row.height)


def _correct(ids: list[int]) -> int:
    """Set what a record tells of its picture, where that is the one that was kept."""
    corrected = 0
    for image_id in ids:
        begin_changes()
        data, seen = _kept(image_id)
        if data is not None and seen is not None:
            values = {"width": seen.width, "height": seen.height, "mime_type": seen.mime_type}
            record = update(Image).where(Image.id == image_id)
            corrected += change(record.values(byte_count=len(data), **values))
            history_revision.bump()
        db.session.commit()
    return corrected


def _draw_thumbnails(ids: list[int]) -> int:
    """Draw anew those of pictures that are the ones that were kept."""
    from app import imaging  # as above

    drawn = 0
    for image_id in ids:
        begin_changes()
        data, _ = _kept(image_id)
        if data is not None:
            limits = imaging.Limits(len(data), imaging.MOST_PIXELS)
            _replace(image_id, imaging.prepare(data, limits=limits).thumbnails)
            drawn += 1
        db.session.commit()
    return drawn


def _kept(image_id: int) -> tuple[bytes | None, Seen | None]:
    """Return a picture and what it shows; None where it is not the one that was kept."""
    row = select(Image.sha256).where(Image.id == image_id).with_for_update()
    sha256, data = db.session.scalar(row), _data(image_id)
    if data is None or hashlib.sha256(data).hexdigest() != sha256:
        return None, None
    seen = _seen(data)
    return (data, seen) if seen else (None, None)


def _replace(image_id: int, thumbnails: Any) -> None:
    change(delete(ImageThumbnail).where(ImageThumbnail.image_id == image_id))
    db.session.add_all(
        ImageThumbnail(
            image_id=image_id, size=each.size, width=each.width, height=each.height, data=each.data
        )
        for each in thumbnails
    )
    history_revision.bump()


PICTURES = Checker(
    "pictures",
    "pictures and thumbnails",
    _find,
    {RECORD_WRONG: _correct, THUMBNAILS_WRONG: _draw_thumbnails},
    count=_count,
)
