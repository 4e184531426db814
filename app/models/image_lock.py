"""Locks of whoever changes images: taken first, so that what is read afterwards stays as it is."""

from __future__ import annotations

from sqlalchemy import false, text, update

from app.extensions import db
from app.models.image import Image


def begin_changes() -> None:
    """Let no one else write on SQLite, which has one lock for all, taken at the first write.

    Be it a write of nothing: PostgreSQL then locks row by row, as they are read FOR UPDATE.
    """
    db.session.execute(update(Image).where(false()).values(revision=Image.revision))


def hold_all() -> None:
    """Let no one else add, change or delete images until the commit; on both databases.

    What a filter means then stays the same, down to the last image.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE images IN SHARE ROW EXCLUSIVE MODE"))
    else:
        begin_changes()
