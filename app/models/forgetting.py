"""Erasing words: of generations that left no picture, and of prompts that no picture was made with.

What they cost, how long they took and how many there were stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, case, null, select, update

from app.extensions import db
from app.models import prompt_book, search_index
from app.models.batches import batches
from app.models.generation import Generation, Status
from app.models.image import Image
from app.models.past_prompt import prompt_index
from app.models.removal import Removed

FORGOTTEN = "(forgotten)"
UNENDED = Generation.status.in_((Status.QUEUED, Status.RUNNING))


@dataclass(frozen=True, slots=True)
class Origins:
    """Where images come from: their generations and their prompts."""

    generations: frozenset[str] = frozenset()
    prompts: frozenset[int] = frozenset()

    def __or__(self, other: Origins) -> Origins:
        """Return both together."""
        return Origins(self.generations | other.generations, self.prompts | other.prompts)


def origins_of(rows: Iterable[Removed]) -> Origins:
    """Return where these images came from."""
    pairs = [(row.generation_id, row.prompt_id) for row in rows]
    return Origins(
        frozenset(generation for generation, _ in pairs if generation is not None),
        frozenset(prompt for _, prompt in pairs if prompt is not None),
    )


def begin() -> None:
    """Let nobody use a prompt until the commit: what is unused when `forget` looks stays so.

    To be called before any image is locked: who books a use may wait for one.
    """
    prompt_book.lock()


def forget(origins: Origins) -> int:
    """Erase the words of what no image is left of; return of how many generations.

    What still runs keeps its words, and so does its prompt. After `begin`.
    """
    unused = [each for batch in batches(sorted(origins.prompts)) for each in _unused(batch)]
    blanked = 0
    for batch in batches(unused):
        blanked += _blank(Generation.prompt_id.in_(batch))
        prompt_book.forget(batch)
    for names in batches(sorted(origins.generations)):
        blanked += _blank(Generation.id.in_(names))
    return blanked


def rebuild_indexes() -> None:
    """Write SQLite's indexes of words anew: what was removed leaves traces in their pages.

    PostgreSQL writes those with their tables (models/space.py).
    """
    if db.session.get_bind().dialect.name == "sqlite":
        search_index.rebuild()
        prompt_index.rebuild()


def carriers(origins: Origins) -> set[int]:
    """Return the ids of the images that are kept and of the same origins: they carry the words."""
    return {
        *_images(Image.generation_id, sorted(origins.generations)),
        *_images(Image.prompt_id, sorted(origins.prompts)),
    }


def _images(column: Any, values: Iterable[Any]) -> Iterable[int]:
    for batch in batches(values):
        yield from db.session.scalars(select(Image.id).where(column.in_(batch)))


def _unused(prompts: list[int]) -> list[int]:
    """Return those that no image was made with and that nobody draws from."""
    kept = select(Image.prompt_id).where(Image.prompt_id.in_(prompts))
    drawn = select(Generation.prompt_id).where(Generation.prompt_id.in_(prompts), UNENDED)
    used = {*db.session.scalars(kept), *db.session.scalars(drawn)}
    return [each for each in prompts if each not in used]


def _blank(chosen: ColumnElement[bool]) -> int:
    has_image = select(Image.id).where(Image.generation_id == Generation.id).exists()
    return blank(chosen, ~has_image)


def blank(*chosen: ColumnElement[bool], **values: Any) -> int:
    """Erase the words of those of these generations that have ended; return how many had any.

    And what was said of their failures, which may quote them. `values` are set besides.
    """
    said = {
        column.key: case((column.is_not(None), FORGOTTEN), else_=null())
        for column in (Generation.error_message, Generation.error_reason)
    }
    words = {"prompt": FORGOTTEN, "final_prompt": FORGOTTEN, "variables": {}, "given_up": null()}
    statement = update(Generation).where(*chosen, ~UNENDED, Generation.final_prompt != FORGOTTEN)
    done = db.session.execute(
        statement.values({**words, **said, **values}),
        execution_options={"synchronize_session": False},
    )
    return cast("CursorResult[Any]", done).rowcount
