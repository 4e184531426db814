"""The use case: in batches that each commit, so that others get their turn.

What is purged is purged: a process that is killed in between leaves counts that are right, and the
same call does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from app.errors import Conflict, NotFound, OtherNumber
from app.extensions import db
from app.models import Generation, Image, Status, forgetting, space
from app.models.batches import batches
from app.models.forgetting import Origins
from app.models.image_filter import ImageFilter
from app.models.image_lock import give_way
from app.models.matching import matching_ids
from app.models.removal import being_drawn, book_removed, remove
from app.models.types import IDS

# Some 30 MB of pictures a transaction.
BATCH = 100
TABLES = (
    *("images", "image_blobs", "image_thumbnails", "image_tags", "image_parents"),
    *("search_texts", "image_rollups", "revisions", "proof_sheet_images"),
)
WITH_WORDS = ("generations", "image_tags", "images", "prompt_texts", "prompts", "search_texts")
NAMED_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Of how many generations the words were erased.

    And for how many images words were kept, since those were made with the same, or in the same
    generation; `kept_for` names the first of them.
    """

    generations: int
    kept_for_count: int
    kept_for: list[int]


@dataclass(frozen=True, slots=True)
class Purged:
    """How many images were removed, and by how many bytes the database is smaller on the disk.

    Not `complete` where others that read were in the way: SQLite's log or PostgreSQL's files hold
    traces then until it is done again, be it for nothing more.
    `forgotten` is None when nothing was to be forgotten.
    """

    purged: int
    bytes_freed: int
    complete: bool
    forgotten: Forgotten | None = None


def purge_images(ids: Iterable[int], *, forget: bool = False) -> Purged:
    """Remove these images for good; `forget` erases the words too that no other image was made with.

    Raises NotFound, or Conflict for one that is not deleted or whose generation goes on; nothing is
    removed then.
    """
    wanted = sorted(set(ids))
    require_purgeable(wanted)
    return _purge(wanted, forget=forget)


def purge_matching(wanted: ImageFilter, expected: int, *, forget: bool = False) -> Purged:
    """Do so with all deleted images that a filter means. Raises OtherNumber, and does nothing then."""
    found = _matching(wanted)
    if len(found) != expected:
        raise OtherNumber(len(found), expected)
    return _purge(found, forget=forget)


def preview(wanted: ImageFilter) -> int:
    """Return how many images `purge_matching` would remove now."""
    return len(_matching(wanted))


def empty_trash(before: datetime) -> Iterator[int]:
    """Remove what was deleted before a moment for good, in batches that each commit.

    Yield how many each removed. What room that leaves is not given back to the disk here.
    """
    purging = _Purging(forget=False)
    for ids in _by_batch(trash(before)):
        removed = purging.removed
        purging.remove(ids)
        yield purging.removed - removed


def trash(before: datetime | None) -> list[int]:
    """Return the ids of all images that were deleted before a moment, or ever."""
    query = select(Image.id).where(Image.deleted_at.is_not(None), ~being_drawn())
    if before is not None:
        query = query.where(Image.deleted_at < before)
    return sorted(db.session.scalars(query))


def _matching(wanted: ImageFilter) -> list[int]:
    found = matching_ids(replace(wanted, deleted="only"))
    # From the few that go on to their images, and not through all images.
    unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    busy = set(db.session.scalars(select(Image.id).join(Image.generation).where(unended)))
    return [each for each in found if each not in busy]


def require_purgeable(ids: Iterable[int]) -> None:
    """Raise what `purge_images` would raise for these images now."""
    ids = list(ids)
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


def _purge(ids: list[int], *, forget: bool) -> Purged:
    before = space.size(TABLES)
    purging = _Purging(forget)
    for batch in _by_batch(ids):
        purging.remove(batch)
    if forget:
        with _transaction(overwriting=True):
            forgetting.rebuild_indexes()
    complete = space.give_back(TABLES, anew=WITH_WORDS if forget else ())
    freed = max(0, before - space.size(TABLES))
    return Purged(purging.removed, freed, complete, purging.forgotten() if forget else None)


def _by_batch(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


class _Purging:
    """What was done so far."""

    def __init__(self, forget: bool) -> None:
        self.removed = 0
        self._forget = forget
        self._generations = 0
        self._origins = Origins()

    def remove(self, ids: list[int]) -> None:
        """Remove and commit; with the images go, in the same transaction, the words."""
        begun = time.monotonic()
        with _transaction(overwriting=self._forget):
            if self._forget:
                forgetting.begin()
            rows = remove(ids)
            origins = forgetting.origins_of(rows)
            if self._forget:
                self._generations += forgetting.forget(origins)
            book_removed(rows)
        self.removed += len(rows)
        self._origins |= origins
        give_way(time.monotonic() - begun)

    def forgotten(self) -> Forgotten:
        """Return what became of the words."""
        kept = sorted(forgetting.carriers(self._origins))
        return Forgotten(self._generations, len(kept), kept[:NAMED_AT_MOST])


@contextmanager
def _transaction(*, overwriting: bool) -> Iterator[None]:
    """Commit at the end, or undo all; SQLite may have to write zeros over what goes."""
    db.session.rollback()
    try:
        with space.overwriting() if overwriting else nullcontext():
            yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
