"""Pictures from files of one's own, checked and kept like any other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.errors import InvalidInput, InvalidPicture
from app.extensions import current_settings, db
from app.models import Image, Source
from app.models.image_filter import position_of
from app.models.image_lock import hold_uploads
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.prompt_manager import clean_prompt
from app.models.types import LONGEST_LABEL, is_label, utc_now
from app.services.marks.cleaning import clean_project, clean_tags
from app.services.marks.locking import transaction

if TYPE_CHECKING:
    from app.imaging import Picture

MOST_FILES = 20
NAMELESS = "Upload"
# Presses of one button come within it, also while each of them has to wait.
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file: what its sender calls it, and its bytes."""

    name: str
    data: bytes = field(repr=False)


def keep_uploads(
    uploads: Sequence[Upload],
    *,
    prompt: str | None = None,
    tags: Collection[str] = (),
    project: str | None = None,
    api_key_id: int | None = None,
) -> list[Image]:
    """Check and commit pictures, all or none; return their rows in the same order.

    Without a prompt each has the name of its file for its words. Raises InvalidPicture, with the
    number of the file, from 0, in its `field`, and InvalidInput.
    """
    new = _new(uploads, prompt, tags, project, api_key_id)
    images = ImageManager().store_all(new)
    db.session.commit()
    return images


def keep_uploads_once(
    uploads: Sequence[Upload], *, project: str | None, api_key_id: int
) -> list[Image]:
    """Do the same for a form, which may be sent several times at once; return each file's row.

    What the same key sent a moment ago for the same project is not kept again. Raises as above.
    """
    new = _new(uploads, None, (), project, api_key_id)
    with transaction():
        hold_uploads(api_key_id)
        before = _sent_before(new)
        # Of two files with the same bytes each has a row of its own, as it had the first time.
        return [_row(each, before[each.picture.sha256]) for each in new]


def _row(new: NewImage, before: list[Image]) -> Image:
    return before.pop(0) if before else ImageManager().store_all([new])[0]


def _new(
    uploads: Sequence[Upload],
    prompt: str | None,
    tags: Collection[str],
    project: str | None,
    api_key_id: int | None,
) -> list[NewImage]:
    """Return what is to be kept, alike but for the picture and its name. Raises as above."""
    if not 1 <= len(uploads) <= MOST_FILES:
        raise InvalidInput(f"Send 1 to {MOST_FILES} files.", field="file")
    words = prompt and clean_prompt(prompt, current_settings().max_prompt_characters)
    details = ImageDetails(
        source=Source.UPLOAD,
        api_key_id=api_key_id,
        project=clean_project(project),
        tags=tuple(clean_tags(tags)),
    )
    pictures = [checked(upload, f"file.{number}") for number, upload in enumerate(uploads)]
    return [
        NewImage(words or title_of(upload.name), picture, details, is_prompt=bool(words))
        for upload, picture in zip(uploads, pictures, strict=True)
    ]


def _sent_before(new: Sequence[NewImage]) -> dict[str, list[Image]]:
    """Return the rows of these pictures that are there since a moment, by their sums."""
    details = new[0].details
    query = select(Image).where(
        Image.position >= position_of(utc_now() - A_MOMENT),
        Image.sha256.in_({each.picture.sha256 for each in new}),
        Image.source == Source.UPLOAD,
        Image.api_key_id == details.api_key_id,
        Image.project.is_not_distinct_from(details.project),
        Image.deleted_at.is_(None),
    )
    found = defaultdict(list)
    for row in db.session.scalars(query.order_by(Image.position)):
        found[row.sha256].append(row)
    return found


def checked(upload: Upload, field: str) -> Picture:
    """Return a picture ready to be kept. Raises InvalidPicture; `field` names the file in it."""
    from app import imaging  # with Pillow, which most requests do without

    settings = current_settings()
    try:
        return imaging.prepare(
            upload.data,
            output=settings.image_format,
            quality=settings.image_quality,
            limits=imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels),
        )
    except InvalidPicture as error:
        error.field = field
        raise


def title_of(name: str) -> str:
    """Return the name of a file without its folder and ending, as far as it is printable."""
    base = name.replace("\\", "/").rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    title = " ".join(stem.split())[:LONGEST_LABEL]
    return title if is_label(title) else NAMELESS
