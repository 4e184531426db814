"""Pictures to work from that a caller sends along with what it asks: kept, so that lineage is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from app.extensions import db
from app.models import Image, Source, prompt_book
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.input_images import check_number
from app.services.provider_choice import provider_choice
from app.services.uploads import Upload, checked, title_of


def add_sent(
    uploads: Sequence[Upload], request: GenerationRequest, api_key_id: int, field: str = "image"
) -> GenerationRequest:
    """Return a request that works from these pictures, each once and in their order.

    A file whose very bytes are in the history is that image, a live one if there is one. Others are
    checked, added as uploads and flushed, to be committed together with the generation: if that is
    refused, none of them is kept. Raises what enqueueing the request would raise, but for budgets and
    a full queue, and InvalidPicture with the number of the file, from 0, in its field.
    """
    ImageGeneratorService().draft(request, api_key_id)  # before anything is worked out
    first: dict[str, int] = {}
    for number, upload in enumerate(uploads):
        first.setdefault(_sum(upload.data), number)
    check_number(len(first), provider_choice().model(request.model))
    known = images_of(first)
    new = {
        sha256: _new(uploads[number], f"{field}.{number}", request.project, api_key_id)
        for sha256, number in first.items()
        if sha256 not in known
    }
    kept = _kept({each.picture.sha256: each for each in new.values()}) if new else {}
    ids = {sha256: kept[each.picture.sha256] for sha256, each in new.items()} | known
    return replace(request, input_images=tuple(dict.fromkeys(ids[sha256] for sha256 in first)))


def _kept(new: dict[str, NewImage]) -> dict[str, int]:
    """Add those pictures that are not there by now; return the image of each, by its sum."""
    db.session.rollback()  # what was read is not to be in the way of what is written
    # The generation books its prompt after this: whoever comes to both takes this lock first.
    prompt_book.lock()
    # Somebody else may have sent the same meanwhile, and what was converted may have been before.
    there = images_of(new)
    rest = [each for sha256, each in new.items() if sha256 not in there]
    added = ImageManager().store_all(rest) if rest else []
    return there | {image.sha256: image.id for image in added}


def _new(upload: Upload, field: str, project: str | None, api_key_id: int) -> NewImage:
    details = ImageDetails(source=Source.UPLOAD, api_key_id=api_key_id, project=project)
    return NewImage(title_of(upload.name), checked(upload, field), details, is_prompt=False)


def images_of(sums: Collection[str]) -> dict[str, int]:
    """Return the newest image of each of these sums, a live one if there is one."""
    live = Image.deleted_at.is_(None)
    query = select(Image.sha256, func.max(Image.id)).where(Image.sha256.in_(sums))
    # The last one of each counts.
    rows = db.session.execute(query.group_by(Image.sha256, live).order_by(live))
    return dict(rows.all())


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
