"""Pictures to work from: checked when a generation is asked for, read when it is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.errors import InvalidInput, NotFound, ProofsheetError
from app.extensions import db
from app.models import Image, ImageBlob
from app.models.types import IDS
from app.providers.base import ImageData
from app.providers.catalog import Model

FIELD = "input_images"
# All of one request together: they are held in memory while it is drawn.
MOST_BYTES = 50 * 1024 * 1024
# What every provider takes; others are sent as JPEG.
SENT_AS_KEPT = ("image/jpeg", "image/png", "image/webp")


class InputGone(ProofsheetError):
    """A picture to work from was purged before it was drawn from."""

    code = "input_gone"


def check_inputs(ids: Sequence[int], model: Model) -> None:
    """Raise InvalidInput for pictures that `model` cannot work from, NotFound where one is not there."""
    if not ids:
        return
    check_number(len(ids), model)
    if len(set(ids)) < len(ids):
        raise InvalidInput("Give each image once.", field=FIELD)
    sizes = _sizes(ids)
    missing = [each for each in ids if each not in sizes]
    if missing:
        raise NotFound(f"There is no image {missing[0]} to work from.")
    if sum(sizes.values()) > MOST_BYTES:
        raise InvalidInput(
            f"The pictures have over {MOST_BYTES // 1024**2} MB together; give smaller or fewer ones.",
            field=FIELD,
        )


def check_number(number: int, model: Model) -> None:
    """Raise InvalidInput for more pictures than `model` can work from."""
    most = model.max_input_images
    if number > most:
        takes = f"takes {most} pictures at the most" if most else "works from words alone"
        raise InvalidInput(f"{model.name} {takes}.", field=FIELD)


def read_inputs(ids: Sequence[int]) -> tuple[ImageData, ...]:
    """Return the pictures in the order of their ids. Raises InputGone."""
    if not ids:
        return ()
    query = select(Image.id, Image.mime_type, ImageBlob.data).join(ImageBlob)
    rows = {row.id: row for row in db.session.execute(query.where(Image.id.in_(ids)))}
    gone = [each for each in ids if each not in rows]
    if gone:
        raise InputGone(f"Image {gone[0]}, to work from, was removed for good meanwhile.")
    return tuple(_sent(rows[each].data, rows[each].mime_type) for each in ids)


def _sizes(ids: Sequence[int]) -> dict[int, int]:
    known = [each for each in ids if each in IDS]
    rows = db.session.execute(select(Image.id, Image.byte_count).where(Image.id.in_(known)))
    return dict(rows.all())


def _sent(data: bytes, mime_type: str) -> ImageData:
    from app import imaging  # with Pillow, which reading the history does without

    if mime_type in SENT_AS_KEPT:
        return ImageData(data, mime_type)
    # It was within the limits when it came; they may have been lowered since.
    limits = imaging.Limits(len(data), imaging.MOST_PIXELS)
    return ImageData(imaging.to_jpeg(data, limits=limits), "image/jpeg")
