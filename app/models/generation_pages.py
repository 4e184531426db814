"""Generations in pages, by cursor, newest first: their ids are ULIDs, which rise with the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from ulid import ULID

from app.extensions import db
from app.models.api_key import ApiKey
from app.models.cursor import Cursor
from app.models.generation import Generation, Status
from app.models.image import IMAGES
from app.models.image_filter import EPOCH
from app.models.image_row import IMAGE_ROWS, ImageRow, read_rows
from app.models.page import Slice
from app.models.past_prompt import PastPrompt, prompt_key
from app.models.ulid_pages import beyond, slice_by_id

# An id tells the time in milliseconds in its first 48 bits of 128.
_MILLISECOND = timedelta(milliseconds=1)
_TIME_BITS = 80
# Ids of older versions were made a little after `created_at`; never so much.
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class GenerationFilter:
    """Conditions that all hold together, None meaning any.

    `since` is inclusive and `until` exclusive, both aware; they go by `created_at`. `by` is the name
    of a key, `prompt` the user's own words exactly, `template` a template's name.
    """

    status: Status | None = None
    model: str | None = None
    provider: str | None = None
    project: str | None = None
    batch: str | None = None
    by: str | None = None
    prompt: str | None = None
    prompt_id: int | None = None
    template: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[Any]:
        """Return what must hold of a row of `generations`, but for `by`."""
        equal = {
            Generation.status: self.status,
            Generation.model: self.model,
            Generation.project: self.project,
            Generation.batch_id: self.batch,
            Generation.prompt_id: self.prompt_id,
            Generation.template: self.template,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.provider is not None:
            # Of a million all may have the same: beside others SQLite must not walk its index.
            hidden = Generation.provider + "" if found or self.by else Generation.provider
            found.append(hidden == self.provider)
        return [*found, *self._prompt(), *self._times()]

    def key_ids(self) -> list[int]:
        """Return the ids of the keys that `by` names: only one of those of a name is live."""
        return list(db.session.scalars(select(ApiKey.id).where(ApiKey.name == self.by)))

    def _prompt(self) -> list[Any]:
        if self.prompt is None:
            return []
        # Few wordings share a past prompt, and that has an index.
        past = select(PastPrompt.id).where(PastPrompt.key == prompt_key(self.prompt))
        return [Generation.prompt_id == past.scalar_subquery(), Generation.prompt == self.prompt]

    def _times(self) -> list[Any]:
        # The indexes are on ids; created_at then decides about the first and the last moment.
        found: list[Any] = []
        if self.since is not None:
            found += [
                Generation.id >= _first_id(self.since),
                Generation.created_at >= self.since,
            ]
        if self.until is not None:
            found += [
                Generation.id < _first_id(self.until + _LATE),
                Generation.created_at < self.until,
            ]
        return found


def generations_of(
    wanted: GenerationFilter, cursor: Cursor | None, limit: int
) -> Slice[Generation]:
    """Return up to `limit` generations from a cursor on, or from the newest. Raises InvalidInput."""
    return slice_by_id(cursor, limit, lambda start, most: _rows(wanted, start, most))


def _rows(wanted: GenerationFilter, cursor: Cursor | None, limit: int) -> list[Generation]:
    """Return up to `limit` rows in the cursor's direction."""
    query = beyond(select(Generation).where(*wanted.conditions()), Generation.id, cursor).limit(
        limit
    )
    if wanted.by is None:
        return list(db.session.scalars(query))
    # Each key by itself, so that its index gives the order; of a million rows a sort took half a
    # second.
    found = [
        row
        for key in wanted.key_ids()
        for row in db.session.scalars(query.where(Generation.api_key_id == key))
    ]
    return sorted(found, key=lambda row: row.id, reverse=not (cursor and cursor.backwards))[:limit]


def images_of(generations: Iterable[Generation]) -> dict[str, list[ImageRow]]:
    """Return the images of each generation in their order, by its id; read in one query."""
    ids = [each.id for each in generations]
    found: dict[str, list[ImageRow]] = defaultdict(list)
    if ids:
        chosen = IMAGE_ROWS.where(IMAGES.c.generation_id.in_(ids))
        for row in read_rows(chosen.order_by(IMAGES.c.ordinal)):
            found[row.generation_id].append(row)
    return found


def _first_id(moment: datetime) -> str:
    """Return the smallest id of an aware moment's millisecond."""
    return str(ULID.from_int((moment - EPOCH) // _MILLISECOND << _TIME_BITS))
