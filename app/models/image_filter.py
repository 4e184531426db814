"""Which images, and in which order: one frozen object for listing, counting and searching."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, exists, select

from app.models.api_key import ApiKey
from app.models.few import one_of_few
from app.models.image import IMAGES, STARRED, ImageTag, Source
from app.models.proof_sheet import PICKED, ProofSheetImage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# A position is the time of creation, pushed on where several came in one microsecond; never this far.
LARGEST_PUSH = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Conditions that all hold together, None meaning any; listing and counting share them.

    `since` is inclusive and `until` exclusive, both aware; they go by `created_at`. `tags` must all
    be there; `by` is the name of a key; `prompt` is exact, `prompt_id` a past prompt in any of its
    wordings. `sheet` is a proof sheet, `picked` whether it was picked there, or, without `sheet`, on
    any. `q` is a user's search (models/search.py).
    """

    q: str | None = None
    deleted: Literal["exclude", "include", "only"] = "exclude"
    generation: str | None = None
    batch: str | None = None
    model: str | None = None
    provider: str | None = None
    project: str | None = None
    source: Source | None = None
    by: str | None = None
    prompt: str | None = None
    prompt_id: int | None = None
    favourite: bool | None = None
    tags: tuple[str, ...] = ()
    sheet: int | None = None
    picked: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: Literal["newest", "oldest"] = "newest"

    def labels(self) -> dict[str, str | None]:
        """Return what the search index knows as words of its own, so that rare ones are quick."""
        return {"provider": self.provider, "model": self.model, "source": self.source}

    @property
    def is_plain(self) -> bool:
        """Tell whether only deletion narrows it, so that the roll-ups know its total."""
        return replace(self, deleted="exclude", sort="newest") == ANY

    def apply(self, query: Select[Any], rare_tag: str | None = None) -> Select[Any]:
        """Return `query` with this filter's conditions, without its order and its search.

        `rare_tag`, one of its tags, is where the database had better begin (rare_tags.py).
        """
        if rare_tag is not None:
            having = select(ImageTag.image_id).where(ImageTag.tag == rare_tag)
            query = query.where(IMAGES.c.id.in_(having))
        return query.where(*self.conditions())

    def conditions(self) -> list[Any]:
        """Return what must hold of a row of `images`, but for the search."""
        narrowed = [*self._columns(), *self._times(), *self._tags(), *self._sheets()]
        return [*self._deletion(), *narrowed]

    def order(self, query: Select[Any], *, backwards: bool = False) -> Select[Any]:
        """Return `query` in this filter's order, or the opposite.

        Position is unique, so no two images can tie.
        """
        rising = (self.sort == "oldest") is not backwards
        return query.order_by(IMAGES.c.position.asc() if rising else IMAGES.c.position.desc())

    def beyond(self, query: Select[Any], position: Any, *, backwards: bool = False) -> Select[Any]:
        """Return `query` for what comes after `position` in this filter's order, or before it."""
        rising = (self.sort == "oldest") is not backwards
        return query.where(IMAGES.c.position > position if rising else IMAGES.c.position < position)

    def bounds(self) -> tuple[int | None, int | None]:
        """Return the positions, both excluded, between which all lies that the times let through."""
        after = None if self.since is None else position_of(self.since) - 1
        before = None if self.until is None else position_of(self.until + LARGEST_PUSH)
        return after, before

    def _deletion(self) -> list[Any]:
        match self.deleted:
            case "exclude":
                return [IMAGES.c.deleted_at.is_(None)]
            case "only":
                return [IMAGES.c.deleted_at.is_not(None)]
        return []

    def _columns(self) -> list[Any]:
        wanted = {
            IMAGES.c.generation_id: self.generation,
            IMAGES.c.batch_id: self.batch,
            IMAGES.c.model: self.model,
            IMAGES.c.provider: self.provider,
            IMAGES.c.project: self.project,
            IMAGES.c.source: self.source,
            IMAGES.c.prompt: self.prompt,
            IMAGES.c.prompt_id: self.prompt_id,
        }
        conditions: list[Any] = [
            column == value for column, value in wanted.items() if value is not None
        ]
        if self.favourite is not None:
            conditions.append(STARRED if self.favourite else ~IMAGES.c.favourite)
        if self.by is not None:
            named = select(ApiKey.id).where(ApiKey.name == self.by)
            conditions.append(IMAGES.c.api_key_id.in_(named))
        return conditions

    def _times(self) -> list[Any]:
        # The index is on position; created_at then decides about the first and the last moment.
        after, before = self.bounds()
        conditions: list[Any] = []
        if self.since is not None:
            conditions += [IMAGES.c.position > after, IMAGES.c.created_at >= self.since]
        if self.until is not None:
            conditions += [IMAGES.c.position < before, IMAGES.c.created_at < self.until]
        return conditions

    def _tags(self) -> list[Any]:
        return [
            exists().where(ImageTag.image_id == IMAGES.c.id, ImageTag.tag == tag)
            for tag in self.tags
        ]

    def _sheets(self) -> list[Any]:
        shown = select(ProofSheetImage.image_id)
        if self.sheet is not None:
            shown = shown.where(ProofSheetImage.sheet_id == self.sheet)
        if self.picked:
            return [one_of_few(IMAGES.c.id, shown.where(PICKED))]
        conditions = [] if self.sheet is None else [one_of_few(IMAGES.c.id, shown)]
        if self.picked is not None:
            conditions.append(~IMAGES.c.id.in_(shown.where(PICKED)))
        return conditions


ANY = ImageFilter()


def position_of(moment: datetime) -> int:
    """Return the position that an image created at an aware moment asks for."""
    return (moment - EPOCH) // MICROSECOND
