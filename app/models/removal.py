"""Images that are removed for good: their rows and all that hangs on them."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, delete, select

from app.extensions import db
from app.models import history_revision, search_index
from app.models.generation import Generation, Status
from app.models.image import Image
from app.models.image_lock import begin_changes
from app.models.rollup import book, quarter_of


def being_drawn() -> ColumnElement[bool]:
    """Return the condition for an image whose generation goes on: its outcome counts its images."""
    unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    return select(Generation.id).where(Generation.id == Image.generation_id, unended).exists()


def remove(ids: list[int]) -> list[int]:
    """Remove those of these images that are deleted, and still are; return their ids.

    Whose generation goes on stays. Bytes, thumbnails, tags and links to parents and children go
    with them; their generations stay, with all that they tell. To be called last before the commit.
    """
    begin_changes()
    chosen = select(Image.id, Image.position).where(
        Image.id.in_(ids), Image.deleted_at.is_not(None), ~being_drawn()
    )
    rows = db.session.execute(chosen.order_by(Image.id).with_for_update()).all()
    if not rows:
        return []
    removed = [row.id for row in rows]
    search_index.remove(row.position for row in rows)
    # The database takes along what hangs on them.
    statement = delete(Image).where(Image.id.in_(removed))
    db.session.execute(statement, execution_options={"synchronize_session": False})
    gone = Counter(quarter_of(row.position) for row in rows)
    book({quarter: (0, -number) for quarter, number in gone.items()})
    history_revision.bump()
    return removed
