"""All the images that a filter means, however many."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from app.extensions import db
from app.models import image_search
from app.models.batches import batches
from app.models.image import Image
from app.models.image_filter import ImageFilter
from app.models.word_index import SCAN

# A million ids so many at a time, eight bytes each: plain integers in a list would be 36.
_FETCH = {"yield_per": 10_000}


def matching_ids(wanted: ImageFilter) -> array[int]:
    """Return the ids of all images that a filter lets through, rising."""
    found = array("q")
    if wanted.q:
        for positions in batches(_positions(wanted)):
            found.extend(db.session.scalars(select(Image.id).where(Image.position.in_(positions))))
    else:
        query = select(Image.id).where(*wanted.conditions())
        found.extend(db.session.scalars(query, execution_options=_FETCH))
    return array("q", sorted(found))


def _positions(wanted: ImageFilter) -> Iterator[int]:
    """Yield what the index finds, to the end: a scan of it is bounded and may find nothing."""
    newest_first = replace(wanted, sort="newest")
    before = None
    while True:
        found = image_search.find(newest_first, before, SCAN)
        yield from found.positions
        before = found.scanned_to
        if before is None:
            return
