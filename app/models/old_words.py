"""Erasing words by their age: each row's own, whatever became of others with the same words.

Images are kept, and so are their notes and tags, which are their users' own marks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.models import forgetting, history_revision, prompt_book, search_index
from app.models.forgetting import FORGOTTEN, UNENDED
from app.models.generation import Generation, new_id
from app.models.image import Image
from app.models.image_filter import position_of
from app.models.image_lock import begin_changes
from app.models.past_prompt import PastPrompt
from app.models.search import compose, labels

# Few, since nobody can use a prompt meanwhile.
AT_ONCE = 200
_TIME_OF_ULID = 10  # characters
# What a step forgot, and after which row the next one goes on; None: there is none.
Step = tuple[int, Any]


def forget_generations(before: datetime, last: str | None) -> Step:
    """Erase the words of generations that were asked for before a moment; those that go on wait."""
    ids = _page(Generation.id, _generations(before), last)
    if not ids:
        return 0, None
    forgetting.begin()
    return forgetting.blank(Generation.id.in_(ids), prompt_id=None), ids[-1]


def forget_images(before: datetime, last: int | None) -> Step:
    """Erase the words of images that were made before a moment."""
    positions = _page(Image.position, _images(before), last)
    if not positions:
        return 0, None
    forgetting.begin()
    begin_changes()
    shown = Image.id, Image.position, Image.provider, Image.model, Image.source
    locked = select(*shown).where(Image.position.in_(positions)).order_by(Image.id)
    rows = db.session.execute(locked.with_for_update()).all()
    values = {"prompt": FORGOTTEN, "prompt_id": None, "revision": Image.revision + 1}
    db.session.execute(
        update(Image).where(Image.id.in_([row.id for row in rows])).values(values),
        execution_options={"synchronize_session": False},
    )
    search_index.remove(row.position for row in rows)
    search_index.add_many(
        (row.position, _without_words(row.provider, row.model, row.source)) for row in rows
    )
    history_revision.bump()
    return len(rows), positions[-1]


def forget_prompts(before: datetime, last: int | None) -> Step:
    """Erase past prompts that were last used before a moment."""
    positions = _page(PastPrompt.position, _prompts(before), last)
    if not positions:
        return 0, None
    forgetting.begin()
    # One that was used meanwhile has moved to another position, or is being drawn from.
    chosen = select(PastPrompt.id).where(PastPrompt.position.in_(positions), _prompts(before))
    forgotten = prompt_book.forget(db.session.scalars(chosen).all())
    history_revision.bump()
    return forgotten, positions[-1]


KINDS: tuple[Callable[[datetime, Any], Step], ...] = (
    forget_generations,
    forget_images,
    forget_prompts,
)


def count(before: datetime) -> int:
    """Return how many rows hold words that are older than a moment."""
    kinds = (Generation, _generations), (Image, _images), (PastPrompt, _prompts)
    return sum(
        db.session.scalar(select(func.count()).select_from(table).where(are_old(before))) or 0
        for table, are_old in kinds
    )


def _page(key: InstrumentedAttribute[Any], old: ColumnElement[bool], last: Any) -> Sequence[Any]:
    """Return the next keys of rows with old words. Read before any lock is taken: it may take long."""
    further = [key > last] if last is not None else []
    return db.session.scalars(select(key).where(old, *further).order_by(key).limit(AT_ONCE)).all()


def _without_words(provider: str | None, model: str | None, source: str) -> str:
    """Return what an image is found by that has no words."""
    return compose(labels=labels(provider=provider, model=model, source=source))


def _generations(before: datetime) -> ColumnElement[bool]:
    # Ids rise with the time: those that are younger need not be looked at.
    oldest_to_stay = new_id(before)[:_TIME_OF_ULID]
    return (Generation.id < oldest_to_stay) & ~UNENDED & (Generation.final_prompt != FORGOTTEN)


def _images(before: datetime) -> ColumnElement[bool]:
    return (Image.position < position_of(before)) & (Image.prompt != FORGOTTEN)


def _prompts(before: datetime) -> ColumnElement[bool]:
    drawn = select(Generation.id).where(Generation.prompt_id == PastPrompt.id, UNENDED)
    return (PastPrompt.position < position_of(before)) & ~drawn.exists()
