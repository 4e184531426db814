"""What happened with a prompt, counted from all rows of its uses: where there are not many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.models.batches import batches
from app.models.generation import Status
from app.models.image import IMAGES
from app.models.reporting.prompts.uses import GENERATIONS, Uses, time_part_of

# Written out, so that a partial index is known to do.
FAILED: ColumnElement[bool] = GENERATIONS.c.status == Status.FAILED


@dataclass(frozen=True, slots=True)
class Tallies:
    """Numbers by the prompt's id; `last` is how the ids of the time of its last use begin."""

    uses: Counter[int] = field(default_factory=Counter)
    images: Counter[int] = field(default_factory=Counter)
    favourites: Counter[int] = field(default_factory=Counter)
    failures: Counter[int] = field(default_factory=Counter)
    last: dict[int, str] = field(default_factory=dict)


def tally(uses: Uses) -> Tallies:
    """Return what happened with all prompts, from every row."""
    found = Tallies()
    _add_images(found, uses, [])
    if uses.tag is None:
        _add_generations(found, uses, [])
        _add_loose_images(found, uses, [])
    else:
        _add_tagged(found, uses)
    return found


def tally_of(uses: Uses, prompt_ids: Iterable[int]) -> Tallies:
    """Return what happened with some prompts, by the indexes that lead to their rows."""
    found = Tallies()
    for some in batches(prompt_ids):
        _add_images(found, uses, some)
        _add_generations(found, uses, some)
        _add_loose_images(found, uses, some)
    return found


def _add_generations(found: Tallies, uses: Uses, ids: Collection[int]) -> None:
    columns = GENERATIONS.c.prompt_id, GENERATIONS.c.id, GENERATIONS.c.status
    rows = _read(columns, _of(GENERATIONS, ids, uses.generations()))
    _count(found.uses, [row[0] for row in rows])
    _count(found.failures, [row[0] for row in rows if row[2] == Status.FAILED])
    _note(found.last, ((row[0], row[1][:10]) for row in rows))


def _add_loose_images(found: Tallies, uses: Uses, ids: Collection[int]) -> None:
    columns = IMAGES.c.prompt_id, IMAGES.c.position
    rows = _read(columns, _of(IMAGES, ids, uses.loose_images()))
    _count(found.uses, [row[0] for row in rows])
    _note(found.last, ((row[0], time_part_of(row[1])) for row in rows))


def _add_images(found: Tallies, uses: Uses, ids: Collection[int]) -> None:
    columns = IMAGES.c.prompt_id, IMAGES.c.favourite
    rows = _read(columns, _of(IMAGES, ids, uses.images()))
    _count(found.images, [row[0] for row in rows])
    _count(found.favourites, [row[0] for row in rows if row[1]])


def _add_tagged(found: Tallies, uses: Uses) -> None:
    columns = IMAGES.c.prompt_id, IMAGES.c.generation_id, IMAGES.c.id, IMAGES.c.position
    rows = _read(columns, _of(IMAGES, [], uses.images()))
    # Each generation once, however many of its images carry the tag.
    _count(found.uses, [prompt for prompt, _ in {(row[0], row[1] or row[2]) for row in rows}])
    _note(found.last, ((row[0], row[1][:10] if row[1] else time_part_of(row[3])) for row in rows))


def _of(table: Any, ids: Collection[int], conditions: Sequence[Any]) -> list[Any]:
    """Return conditions that also hold to some prompts; without any, to all that are not forgotten."""
    chosen = table.c.prompt_id.in_(ids) if ids else table.c.prompt_id.is_not(None)
    return [chosen, *conditions]


def _read(columns: Sequence[Any], conditions: Sequence[Any]) -> Sequence[Any]:
    return db.session.connection().execute(select(*columns).where(*conditions)).all()


def _count(counts: Counter[int], prompt_ids: Iterable[int]) -> None:
    counts.update(prompt_ids)


def _note(last: dict[int, str], times: Iterable[tuple[int, str]]) -> None:
    for prompt_id, begins in times:
        if begins > last.get(prompt_id, ""):
            last[prompt_id] = begins
