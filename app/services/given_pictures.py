"""Pictures that were sent along with a call to be worked from: found in the history, or kept as uploads.

By their very bytes, so that the same picture, sent again and again, is one image with many children.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.errors import InvalidPicture
from app.extensions import current_settings, db
from app.models import Image, Source, prompt_book
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.services.sent_pictures import images_of
from app.services.uploads import NAMELESS

if TYPE_CHECKING:
    from app.imaging import Picture


def keep_given(pictures: Sequence[bytes], *, project: str | None, api_key_id: int) -> list[int]:
    """Return the image of each picture, once, in their order; commit those that are new here.

    Of several with the same bytes the newest that is not deleted. What cannot be kept is left out. A
    new one is kept as it came, whatever the settings say: it is to be known again.
    """
    sums = [hashlib.sha256(each).hexdigest() for each in pictures]
    known = images_of(set(sums))
    new = _checked(dict(zip(sums, pictures, strict=True)), known)
    if new:
        prompt_book.lock()  # as whoever else keeps such pictures does
        known = images_of(set(sums))  # the same picture may have come meanwhile
        details = ImageDetails(source=Source.UPLOAD, api_key_id=api_key_id, project=project)
        wanted = [
            NewImage(NAMELESS, picture, details, is_prompt=False)
            for picture in new
            if picture.sha256 not in known
        ]
        known |= {image.sha256: image.id for image in _stored(wanted)}
    db.session.commit()
    found = (known.get(each) for each in sums)
    return list(dict.fromkeys(each for each in found if each is not None))


def _checked(pictures: dict[str, bytes], known: dict[str, int]) -> list[Picture]:
    """Return those that are not known and can be kept, each once."""
    unknown = [data for each, data in pictures.items() if each not in known]
    if not unknown:
        return []
    db.session.rollback()  # no transaction stays open while they are decoded
    from app import imaging  # with Pillow, which most requests do without

    settings = current_settings()
    limits = imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels)
    checked = []
    for data in unknown:
        try:
            checked.append(imaging.prepare(data, limits=limits))
        except InvalidPicture:
            continue
    return checked


def _stored(new: list[NewImage]) -> list[Image]:
    return ImageManager().store_all(new) if new else []
