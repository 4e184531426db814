"""Transactions that lock first and read afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Image
from app.models.image_lock import begin_changes
from app.models.types import IDS

NAMED_AT_MOST = 10


@contextmanager
def transaction() -> Iterator[None]:
    """Begin anew and commit at the end, or, if anything is raised, undo all and let go of locks."""
    db.session.rollback()  # what was read before the lock is not to be believed
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def locked(ids: Iterable[int]) -> list[int]:
    """Return the ids, each once and rising, of images that nobody else changes until the commit.

    Raises NotFound that names those that are not there.
    """
    wanted = set(ids)
    begin_changes()
    query = select(Image.id).where(Image.id.in_([each for each in wanted if each in IDS]))
    # In the order of ids: two that want the same rows never wait for each other in a circle.
    found = list(db.session.scalars(query.order_by(Image.id).with_for_update(key_share=True)))
    unknown = wanted.difference(found)
    if unknown:
        raise NotFound(_unknown(sorted(unknown)))
    return found


def _unknown(ids: list[int]) -> str:
    if len(ids) == 1:
        return f"There is no image {ids[0]}."
    named = ", ".join(map(str, ids[:NAMED_AT_MOST]))
    more = f" and {len(ids) - NAMED_AT_MOST} more" if len(ids) > NAMED_AT_MOST else ""
    return f"There are no images {named}{more}."
