"""A change and the rows that it means, in a few statements each time.

Plain rows and no objects: of a hundred thousand images there is never more than a batch in memory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from app.errors import InvalidInput
from app.extensions import db
from app.models import Image, ImageTag, history_revision
from app.models.image_lock import is_deleted
from app.models.reporting.book import book_favourites, book_room, rooms_of
from app.models.reporting.facts import as_deleted
from app.models.rollup import book, quarter_of
from app.services.marks.change import Change, TagChange
from app.services.marks.cleaning import MOST_TAGS

_IMAGES = cast(Table, Image.__table__)
_TAGS = cast(Table, ImageTag.__table__)
_WITHOUT_TAG = delete(_TAGS).where(
    _TAGS.c.image_id == bindparam("of"), _TAGS.c.tag == bindparam("without")
)


class Changer:
    """Makes one change to images, a batch of locked ones at a time; `finish` comes last."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._changed = 0
        self._gone: Counter[int] = Counter()

    def differing(self, ids: list[int]) -> int:
        """Return how many of these images are not so already; nothing is written.

        Raises InvalidInput when one would have too many tags.
        """
        differ = self._differ(self._tags_of(ids))
        counted = select(func.count()).where(_IMAGES.c.id.in_(ids), differ)
        return db.session.scalar(counted) or 0

    def apply(self, ids: list[int]) -> int:
        """Change these images; return how many were not so already. Raises as `differing` does."""
        tags = self._tags_of(ids)
        statement = update(_IMAGES).where(_IMAGES.c.id.in_(ids), self._differ(tags))
        values = {**self._change.columns, "revision": _IMAGES.c.revision + 1}
        self._book_favourites(ids)
        shown = _IMAGES.c.id, _IMAGES.c.position
        changed = db.session.execute(statement.values(values).returning(*shown)).all()
        _write_tags(tags)
        if "deleted_at" in self._change.columns:
            self._book_deleted(changed)
        self._changed += len(changed)
        return len(changed)

    def finish(self) -> None:
        """Book what was deleted and restored, once; to be called right before the commit."""
        book({quarter: (-count, count) for quarter, count in self._gone.items()})
        if self._changed:
            history_revision.bump()

    def _book_deleted(self, changed: Sequence[Row[int, int]]) -> None:
        step = -1 if self._change.columns["deleted_at"] is None else 1
        for row in changed:
            self._gone[quarter_of(row.position)] += step
        # As deleted ones they take the room of both; the other half stays as it was.
        rooms = rooms_of(row.id for row in changed)
        book_room(map(as_deleted, rooms), step)

    def _book_favourites(self, ids: list[int]) -> None:
        """Count those that become favourites, or are so no more."""
        if "favourite" in self._change.columns:
            wanted = self._change.columns["favourite"]
            differ = _IMAGES.c.id.in_(ids), _IMAGES.c.favourite.is_distinct_from(wanted)
            changed = db.session.scalars(select(_IMAGES.c.id).where(*differ)).all()
            book_favourites(changed, 1 if wanted else -1)

    def _differ(self, tags: Collection[int]) -> ColumnElement[bool]:
        """Return the condition for an image to change: its columns, or, of those named, its tags."""
        return or_(
            _IMAGES.c.id.in_(tags),
            *(
                (~is_deleted() if wanted else is_deleted())
                if name == "deleted_at"
                else _IMAGES.c[name].is_distinct_from(wanted)
                for name, wanted in self._change.columns.items()
            ),
        )

    def _tags_of(self, ids: list[int]) -> dict[int, tuple[set[str], set[str]]]:
        """Return, for those whose tags are to change, which they lose and which they get."""
        if self._change.tags is None:
            return {}
        kept: dict[int, list[str]] = defaultdict(list)
        read = select(_TAGS).where(_TAGS.c.image_id.in_(ids)).order_by(_TAGS.c.tag)
        for image_id, tag in db.session.execute(read):
            kept[image_id].append(tag)
        wanted = {each: _wanted(each, kept[each], self._change.tags) for each in ids}
        return {
            each: (set(kept[each]) - tags, tags - set(kept[each]))
            for each, tags in wanted.items()
            if tags != set(kept[each])
        }


def _wanted(image_id: int, kept: list[str], change: TagChange) -> set[str]:
    tags = set(change(kept))
    if len(tags) > MOST_TAGS:
        raise InvalidInput(
            f"Image {image_id} would have {len(tags)} tags; {MOST_TAGS} are the most.",
            field="tags",
        )
    return tags


def _write_tags(tags: dict[int, tuple[set[str], set[str]]]) -> None:
    lost = [{"of": each, "without": tag} for each, (lost, _) in tags.items() for tag in lost]
    new = [{"image_id": each, "tag": tag} for each, (_, new) in tags.items() for tag in new]
    if lost:
        db.session.execute(_WITHOUT_TAG, lost)
    if new:
        db.session.execute(insert(_TAGS), new)
