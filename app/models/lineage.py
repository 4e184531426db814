"""What an image was made from, and what was made from it, over many steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import NotFound
from app.extensions import db
from app.models.batches import batches
from app.models.image import IMAGES, ImageParent
from app.models.image_row import ImageRow, rows_of

# In either direction; a picture that hundreds were made from is told with the first of them.
MOST = 200


@dataclass(frozen=True, slots=True)
class Lineage:
    """An image with its `ancestors` and `descendants`, each once, the nearest first.

    The parents of each say how they hang together. `complete` is false where there are more.
    """

    image: ImageRow
    ancestors: list[ImageRow]
    descendants: list[ImageRow]
    complete: bool


def lineage_of(image_id: int, most: int = MOST) -> Lineage:
    """Return the tree of an image up and down, up to `most` images in each direction.

    Deleted ones are there too; purging one takes it and its links away. Raises NotFound.
    """
    itself = rows_of([image_id])
    if not itself:
        raise NotFound(f"There is no image {image_id}.")
    up, all_up = _walk(image_id, _parents, most)
    down, all_down = _walk(image_id, _children, most)
    return Lineage(itself[0], rows_of(up), rows_of(down), all_up and all_down)


def link(images: Iterable[tuple[int, list[int]]]) -> None:
    """Add and flush what images were made from: each one's id with its parents', in order.

    Links that are there stay; ids that are not, or no more, are left out.
    """
    for some in batches(images):
        ids = {each for image_id, parents in some for each in (image_id, *parents)}
        # They stay until the commit.
        locked = select(IMAGES.c.id).where(IMAGES.c.id.in_(ids)).order_by(IMAGES.c.id)
        found = set(db.session.scalars(locked.with_for_update(read=True, key_share=True)))
        rows = [
            {"image_id": image_id, "parent_id": parent, "ordinal": ordinal}
            for image_id, parents in some
            for ordinal, parent in enumerate(parents)
            if {image_id, parent} <= found and image_id != parent
        ]
        dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
        if rows:
            db.session.execute(dialect.insert(ImageParent).on_conflict_do_nothing(), rows)


def _walk(
    start: int, onward: Callable[[list[int], int], list[int]], most: int
) -> tuple[list[int], bool]:
    """Return up to `most` ids that lead on from `start`, by steps, and whether these are all."""
    seen = {start: None}  # in order
    reached = [start]
    while reached:
        # Those that are seen already take up places too: there are at most so many of them.
        found = onward(reached, most + len(seen) + 1)
        reached = [each for each in dict.fromkeys(found) if each not in seen]
        seen |= dict.fromkeys(reached)
        if len(seen) > most + 1:
            break
    ids = list(seen)[1:]
    return ids[:most], len(ids) <= most


def _parents(ids: list[int], most: int) -> list[int]:
    link = ImageParent
    query = select(link.parent_id).where(link.image_id.in_(ids)).distinct()
    return list(db.session.scalars(query.order_by(link.parent_id.desc()).limit(most)))


def _children(ids: list[int], most: int) -> list[int]:
    link = ImageParent
    query = select(link.image_id).where(link.parent_id.in_(ids)).distinct()
    return list(db.session.scalars(query.order_by(link.image_id).limit(most)))
