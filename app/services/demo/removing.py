"""Taking a demo back: all that its keys made, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select

from app.extensions import db
from app.models import (
    ApiKey,
    Batch,
    Generation,
    Image,
    ImageRollup,
    PromptTemplate,
    history_revision,
    prompt_book,
    search_index,
    space,
)
from app.models.batches import batches
from app.models.image_lock import hold_all
from app.models.prompt_recount import take_back
from app.models.reporting.purged_image import PurgedImage
from app.models.reporting.taking_back import TakingBack
from app.models.rollup import book, quarter_of
from app.services.demo.cast import TEMPLATES
from app.services.demo.making import PREFIX

_TABLES = "images", "image_blobs", "image_thumbnails", "search_texts", "generations"


@dataclass(frozen=True, slots=True)
class Removed:
    """How much of the demo there was."""

    images: int
    generations: int


def demo_keys() -> list[int]:
    """Return the ids of the keys that mark what is the demo's."""
    return list(db.session.scalars(select(ApiKey.id).where(ApiKey.prefix == PREFIX)))


def remove_demo() -> Removed:
    """Remove the demo with all that hangs on it, and commit; give its room back to the disk.

    Past prompts are used as often as without it, and counts and sums are what they would be.
    """
    keys = demo_keys()
    if not keys:
        return Removed(0, 0)
    # In this order, so that nobody who waits here holds what another waits for.
    prompt_book.lock()
    hold_all()
    uses: Counter[int] = Counter()
    counted = TakingBack()
    images = _remove_images(keys, uses, counted)
    generations = _remove_generations(keys, uses, counted)
    for prompt_id, number in sorted(uses.items()):
        take_back(prompt_id, number)
    _execute(delete(Batch).where(Batch.api_key_id.in_(keys)))
    _execute(delete(PromptTemplate).where(or_(*map(_is_template, TEMPLATES))))
    _execute(delete(ApiKey).where(ApiKey.id.in_(keys)))
    history_revision.bump()
    db.session.commit()
    counted.tidy()
    db.session.commit()
    space.give_back(_TABLES)
    return Removed(images, generations)


def _remove_images(keys: list[int], uses: Counter[int], counted: TakingBack) -> int:
    """Remove the images, those that were purged too; they leave nothing behind."""
    shown = Image.id, Image.position, Image.deleted_at, Image.generation_id, Image.prompt_id
    rows = db.session.execute(select(*shown).where(Image.api_key_id.in_(keys))).all()
    live, deleted = Counter[int](), Counter[int]()
    for row in rows:
        (live if row.deleted_at is None else deleted)[quarter_of(row.position)] -= 1
        if row.generation_id is None and row.prompt_id is not None:
            uses[row.prompt_id] += 1
    counted.images([row.id for row in rows])
    counted.purged(db.session.scalars(_purged(keys)).all())
    for some in batches(rows):
        search_index.remove(row.position for row in some)
        # The database takes along what hangs on them.
        _execute(delete(Image).where(Image.id.in_([row.id for row in some])))
    _execute(delete(PurgedImage).where(PurgedImage.api_key_id.in_(keys)))
    book({quarter: (live[quarter], deleted[quarter]) for quarter in live.keys() | deleted.keys()})
    _execute(delete(ImageRollup).where(ImageRollup.live == 0, ImageRollup.deleted == 0))
    return len(rows)


def _purged(keys: list[int]) -> Select[PurgedImage]:
    return select(PurgedImage).where(PurgedImage.api_key_id.in_(keys))


def _remove_generations(keys: list[int], uses: Counter[int], counted: TakingBack) -> int:
    rows = db.session.scalars(select(Generation).where(Generation.api_key_id.in_(keys))).all()
    counted.generations(rows)
    uses.update(row.prompt_id for row in rows if row.prompt_id is not None)
    for some in batches(rows):
        _execute(delete(Generation).where(Generation.id.in_([row.id for row in some])))
    return len(rows)


def _is_template(name: str) -> Any:
    """Another version, or another text of that name, is somebody's own."""
    return and_(PromptTemplate.name == name, PromptTemplate.text == TEMPLATES[name])


def _execute(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
