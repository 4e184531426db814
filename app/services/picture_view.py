"""All that is told of one image to somebody who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.models import Image
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.lineage import lineage_of
from app.models.neighbours import Neighbours, neighbours_of
from app.services.records import generation_record, image_record, row_record
from app.services.same_again import asks_for

# In either direction; the API tells more of them.
MOST_RELATIVES = 24


@dataclass(frozen=True, slots=True)
class PictureView:
    """An image, what it came from and became, and the ways on.

    `image`, `ancestors` and `descendants` are records, `kept` is what the first one tells of;
    `generation` is the record of the one that made it, None for an upload or an import. `own_words`
    are the user's own where those are not what was sent, `again` the body that asks for the image once
    more, None where it was not made here. Not `complete` where it has more relatives. `neighbours` are
    those within the filter.
    """

    kept: Image
    image: dict[str, Any]
    generation: dict[str, Any] | None
    own_words: str | None
    again: dict[str, Any] | None
    ancestors: list[dict[str, Any]]
    descendants: list[dict[str, Any]]
    complete: bool
    neighbours: Neighbours


def picture_view(image_id: int, wanted: ImageFilter) -> PictureView:
    """Return what is told of an image, deleted or not. Raises NotFound."""
    kept = ImageManager().get(image_id)
    image = image_record(kept)
    generation = generation_record(kept.generation) if kept.generation else None
    lineage = lineage_of(image_id, MOST_RELATIVES)
    words = generation["prompt"] if generation else image["prompt"]
    return PictureView(
        kept=kept,
        image=image,
        generation=generation,
        own_words=None if words == image["prompt"] else words,
        again=asks_for(image),
        ancestors=[row_record(row) for row in lineage.ancestors],
        descendants=[row_record(row) for row in lineage.descendants],
        complete=lineage.complete,
        neighbours=neighbours_of(image_id, wanted),
    )


def place_in_list(kept: Image, wanted: ImageFilter, per_page: int) -> Cursor | None:
    """Return where the page of a list begins that shows an image; None: the first page does."""
    before = ImageManager().slice(wanted, Cursor(kept.position, backwards=True), per_page)
    if before.before is None and len(before.items) < per_page:
        return None
    return Cursor(kept.position + (-1 if wanted.sort == "oldest" else 1))
