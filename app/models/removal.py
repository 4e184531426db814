"""Images that are removed for good: their rows and all that hangs on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, delete, select

from app.extensions import db
from app.models import history_revision, search_index
from app.models.generation import Generation, Status
from app.models.image import Image
from app.models.image_lock import begin_changes, is_deleted
from app.models.reporting.book import book_room, rooms_of
from app.models.reporting.purged_image import remember
from app.models.rollup import book, quarter_of

# What is known of an image afterwards: id, position, generation_id, prompt_id.
Removed = Row[int, int, str | None, int | None]


def being_drawn() -> ColumnElement[bool]:
    """Return the condition for an image whose generation goes on: its outcome counts its images."""
    unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    return select(Generation.id).where(Generation.id == Image.generation_id, unended).exists()


def remove(ids: list[int]) -> Sequence[Removed]:
    """Remove those of these images that are deleted, and still are.

    What belongs to a generation that goes on stays. Bytes, thumbnails, tags and links to parents
    and children go too; their generations stay, with all that they tell.
    """
    begin_changes()
    shown = Image.id, Image.position, Image.generation_id, Image.prompt_id
    chosen = select(*shown).where(Image.id.in_(ids), is_deleted(), ~being_drawn())
    rows = db.session.execute(chosen.order_by(Image.id).with_for_update()).all()
    search_index.remove(row.position for row in rows)
    removed = [row.id for row in rows]
    remember(removed)
    book_room(rooms_of(removed), -1)
    # The database takes along what hangs on them.
    statement = delete(Image).where(Image.id.in_(removed))
    db.session.execute(statement, execution_options={"synchronize_session": False})
    return rows


def book_removed(rows: Sequence[Removed]) -> None:
    """Count out what was removed; to be called right before the commit."""
    gone = Counter(quarter_of(row.position) for row in rows)
    book({quarter: (0, -number) for quarter, number in gone.items()})
    if rows:
        history_revision.bump()
