"""How often templates were used, and what came of it last; bounded, however long the history is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from app.extensions import db
from app.models.batches import batches
from app.models.generation import Generation
from app.models.image import IMAGES, Image
from app.models.image_row import IMAGE_ROWS, ImageRow, read_rows

# Nobody needs to know whether one was used 1,204 times or 1,205.
MOST_COUNTED = 1_000
# One of so many of its newest uses should have left a picture.
LOOKED_BACK = 20


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """How often a template was asked for, and the newest picture of it that is there.

    Where counting ended before the uses did, there are `or_more`.
    """

    count: int
    or_more: bool
    newest: ImageRow | None


def template_uses(names: Iterable[str]) -> dict[str, TemplateUse]:
    """Return the use of each of these templates, by name."""
    return {name: use for some in batches(names) for name, use in _uses_of(some).items()}


def _uses_of(names: list[str]) -> dict[str, TemplateUse]:
    rows = db.session.execute(union_all(*map(_use_of, names))).all()
    wanted = IMAGES.c.id.in_([row.newest for row in rows if row.newest])
    pictures = {each.id: each for each in read_rows(IMAGE_ROWS.where(wanted))}
    return {
        row.name: TemplateUse(
            min(row.uses, MOST_COUNTED), row.uses > MOST_COUNTED, pictures.get(row.newest)
        )
        for row in rows
    }


def _use_of(name: str) -> Select[Any]:
    """Return the query for a template's name, uses and the id of its newest picture."""
    used = select(Generation.id).where(Generation.template == name)
    counted = select(func.count()).select_from(used.limit(MOST_COUNTED + 1).subquery())
    latest = used.order_by(Generation.id.desc()).limit(LOOKED_BACK).subquery()
    newest = (
        select(Image.id)
        .where(Image.generation_id.in_(select(latest.c.id)), Image.deleted_at.is_(None))
        .order_by(Image.position.desc())
        .limit(1)
    )
    return select(
        literal(name).label("name"),
        counted.scalar_subquery().label("uses"),
        newest.scalar_subquery().label("newest"),
    )
