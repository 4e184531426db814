"""Pictures from files of one's own, checked and kept like any other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import InvalidInput, InvalidPicture
from app.extensions import current_settings, db
from app.models import Image, Source
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.prompt_manager import clean_prompt
from app.models.types import LONGEST_LABEL, is_label
from app.services.marks.cleaning import clean_project, clean_tags

if TYPE_CHECKING:
    from app.imaging import Picture

MOST_FILES = 20
NAMELESS = "Upload"


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
    if not 1 <= len(uploads) <= MOST_FILES:
        raise InvalidInput(f"Send 1 to {MOST_FILES} files.", field="file")
    words = prompt and clean_prompt(prompt, current_settings().max_prompt_characters)
    details = ImageDetails(
        source=Source.UPLOAD,
        api_key_id=api_key_id,
        project=clean_project(project),
        tags=tuple(clean_tags(tags)),
    )
    pictures = [_checked(upload, number) for number, upload in enumerate(uploads)]
    new = [
        NewImage(words or title_of(upload.name), picture, details, is_prompt=bool(words))
        for upload, picture in zip(uploads, pictures, strict=True)
    ]
    images = ImageManager().store_all(new)
    db.session.commit()
    return images


def _checked(upload: Upload, number: int) -> Picture:
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
        error.field = f"file.{number}"
        raise


def title_of(name: str) -> str:
    """Return the name of a file without its folder and ending, as far as it is printable."""
    base = name.replace("\\", "/").rpartition("/")[2]
    stem = base.rpartition(".")[0] or base
    title = " ".join(stem.split())[:LONGEST_LABEL]
    return title if is_label(title) else NAMELESS
