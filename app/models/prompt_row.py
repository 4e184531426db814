"""What a list shows of past prompts: their rows, and of their images what is there now.

Images come, go and get stars all the time; so they are counted when a page is read, for its rows
alone and by indexes that hold all that is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, func, literal, select

from app.extensions import db
from app.models.batches import batches
from app.models.image import IMAGES, STARRED
from app.models.past_prompt import PastPrompt

PROMPTS = cast(Table, PastPrompt.__table__)
# How far the images of one prompt are counted: a prompt may have a hundred thousand.
IMAGES_CAP = 10_000


@dataclass(frozen=True, slots=True)
class NewestImage:
    """As much of an image as leads to it."""

    id: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A past prompt. `images` and `favourites` of it are not deleted, and counted up to IMAGES_CAP."""

    id: int
    text: str
    uses: int
    first_used_at: datetime
    last_used_at: datetime
    position: int
    images: int
    favourites: int
    newest: NewestImage | None


PROMPT_ROWS = select(
    *(PROMPTS.c.id, PROMPTS.c.text, PROMPTS.c.uses),
    *(PROMPTS.c.first_used_at, PROMPTS.c.last_used_at, PROMPTS.c.position),
)
_LIVE = (IMAGES.c.prompt_id == PROMPTS.c.id, IMAGES.c.deleted_at.is_(None))


def _counted(*conditions: ColumnElement[bool]) -> Any:
    live = select(literal(1).label("one")).select_from(IMAGES).where(*_LIVE, *conditions)
    first = live.limit(IMAGES_CAP).correlate(PROMPTS).subquery()
    return select(func.count()).select_from(first).correlate(PROMPTS).scalar_subquery()


_newest = select(IMAGES.c.id).where(*_LIVE).order_by(IMAGES.c.position.desc()).limit(1)
# Made once: to put a query together takes as long as to run it.
_IMAGES_OF = select(
    PROMPTS.c.id,
    _counted().label("images"),
    _counted(STARRED).label("favourites"),
    _newest.correlate(PROMPTS).scalar_subquery().label("newest_id"),
).where(PROMPTS.c.id.in_(bindparam("ids", expanding=True)))
_PICTURES = select(IMAGES.c.id, IMAGES.c.sha256).where(
    IMAGES.c.id.in_(bindparam("ids", expanding=True))
)

_NEWEST_OF = select(
    PROMPTS.c.id, _newest.correlate(PROMPTS).scalar_subquery().label("newest_id")
).where(PROMPTS.c.id.in_(bindparam("ids", expanding=True)))
_TEXTS = select(PROMPTS.c.id, PROMPTS.c.text).where(
    PROMPTS.c.id.in_(bindparam("ids", expanding=True))
)
_USES = select(PROMPTS.c.uses, PROMPTS.c.position).where(
    PROMPTS.c.position.in_(bindparam("ids", expanding=True))
)


def read_prompts(query: Select[Any], values: Mapping[str, Any] | None = None) -> list[PromptRow]:
    """Return the rows of a query made from PROMPT_ROWS; `values` are for its bound names."""
    rows = db.session.connection().execute(query, values).all()
    images = {each.id: each for each in _in_batches(_IMAGES_OF, (row.id for row in rows))}
    pictures = _pictures(images.values())
    # A prompt may be forgotten, or an image purged, between two of the statements.
    return [
        PromptRow(
            **row._asdict(),
            images=each.images,
            favourites=each.favourites,
            newest=pictures.get(each.newest_id),
        )
        for row in rows
        if (each := images.get(row.id))
    ]


def newest_of(prompt_ids: Iterable[int]) -> dict[int, NewestImage]:
    """Return the newest image of each prompt that has one which is not deleted."""
    found = _in_batches(_NEWEST_OF, prompt_ids)
    pictures = _pictures(found)
    return {row.id: pictures[row.newest_id] for row in found if row.newest_id in pictures}


def _pictures(rows: Iterable[Row[Any]]) -> dict[int, NewestImage]:
    newest = (row.newest_id for row in rows if row.newest_id is not None)
    return {each.id: NewestImage(each.id, each.sha256) for each in _in_batches(_PICTURES, newest)}


def _in_batches(query: Select[Any], ids: Iterable[int]) -> list[Row[Any]]:
    connection = db.session.connection()
    return [row for ids in batches(ids) for row in connection.execute(query, {"ids": ids})]


def uses_at(positions: Iterable[int]) -> list[tuple[int, int]]:
    """Return how often the prompts at these positions were used, each with its position."""
    return [(row.uses, row.position) for row in _in_batches(_USES, positions)]


def texts_of(prompt_ids: Iterable[int]) -> dict[int, str]:
    """Return how prompts were worded last, by their ids; there is none of one that is not there."""
    return {row.id: row.text for row in _in_batches(_TEXTS, prompt_ids)}
