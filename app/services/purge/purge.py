"""The use case: in batches that each commit, so that others get their turn.

What is purged is purged: a process that is killed in between leaves counts that are right, and the
same call does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from app.errors import Conflict, NotFound, OtherNumber
from app.extensions import db
from app.models import Image, space
from app.models.batches import batches
from app.models.image_filter import ImageFilter
from app.models.matching import matching_ids
from app.models.removal import being_drawn, remove
from app.models.types import IDS

# Some 30 MB of pictures a transaction.
BATCH = 100
TABLES = (
    *("images", "image_blobs", "image_thumbnails", "image_tags", "image_parents"),
    *("search_texts", "image_rollups", "revisions"),
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many images were removed, and by how many bytes the database is smaller on the disk.

    Not `log_cut` where readers held SQLite's log, so that its share goes back later.
    """

    purged: int
    bytes_freed: int
    log_cut: bool


def purge_images(ids: Iterable[int]) -> Purged:
    """Remove these images for good.

    Raises NotFound, or Conflict for one that is not deleted or whose generation goes on; nothing is
    removed then.
    """
    wanted = sorted(set(ids))
    _check(wanted)
    return _purge(wanted)


def purge_matching(wanted: ImageFilter, expected: int) -> Purged:
    """Remove all deleted images that a filter means. Raises OtherNumber, and removes nothing then."""
    found = _matching(wanted)
    if len(found) != expected:
        raise OtherNumber(len(found), expected)
    return _purge(found)


def preview(wanted: ImageFilter) -> int:
    """Return how many images `purge_matching` would remove now."""
    return len(_matching(wanted))


def trash(before: datetime | None) -> list[int]:
    """Return the ids of all images that were deleted before a moment, or ever."""
    query = select(Image.id).where(Image.deleted_at.is_not(None), ~being_drawn())
    if before is not None:
        query = query.where(Image.deleted_at < before)
    return sorted(db.session.scalars(query))


def _matching(wanted: ImageFilter) -> list[int]:
    found = matching_ids(replace(wanted, deleted="only"))
    busy = set(db.session.scalars(select(Image.id).where(being_drawn())))
    return [each for each in found if each not in busy]


def _check(ids: list[int]) -> None:
    rows = [
        row
        for batch in batches(each for each in ids if each in IDS)
        for row in db.session.execute(
            select(Image.id, Image.deleted_at, being_drawn().label("busy")).where(
                Image.id.in_(batch)
            )
        )
    ]
    if unknown := set(ids).difference(row.id for row in rows):
        raise NotFound(f"There is no image {_named(unknown)}.")
    if live := [row.id for row in rows if row.deleted_at is None]:
        raise Conflict(
            f"Only deleted images can be purged, and not image {_named(live)}: delete first what "
            "shall go for good."
        )
    if busy := [row.id for row in rows if row.busy]:
        raise Conflict(f"Image {_named(busy)} is of a generation that goes on; wait for its end.")


def _named(ids: Iterable[int]) -> str:
    first, *more = sorted(ids)
    return f"{first} (nor {len(more)} more)" if more else str(first)


def _purge(ids: list[int]) -> Purged:
    before = space.size(TABLES)
    purged = 0
    for start in range(0, len(ids), BATCH):
        purged += len(_purge_batch(ids[start : start + BATCH]))
    log_cut = space.give_back(TABLES)
    return Purged(purged, max(0, before - space.size(TABLES)), log_cut)


def _purge_batch(ids: list[int]) -> list[int]:
    try:
        removed = remove(ids)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return removed
