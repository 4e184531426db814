"""Places in time: each image's is that of its creation, or the next free one after it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select, update

from app.extensions import db
from app.models import Image, history_revision, search_index
from app.models.image_filter import LARGEST_PUSH, MICROSECOND, position_of
from app.models.image_lock import hold_all
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import change

MISPLACED = Kind(
    "images-misplaced",
    "images whose place in the history is not that of their time",
    "moved to it; counts and search follow",
)
_PUSH = LARGEST_PUSH // MICROSECOND


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    query = select(Image.id, Image.position, Image.created_at).order_by(Image.id)
    with snapshot():
        for row in rows_of(query):
            if not 0 <= row.position - position_of(row.created_at) < _PUSH:
                yield Fault(MISPLACED, row.id)


def _move(ids: list[int]) -> int:
    hold_all()
    moved = 0
    for image_id in ids:
        row = db.session.execute(
            select(Image.position, Image.created_at).where(Image.id == image_id)
        ).one_or_none()
        if row is not None:
            search_index.remove([row.position])
            place = _free(position_of(row.created_at))
            moved += change(update(Image).where(Image.id == image_id).values(position=place))
    history_revision.bump()
    db.session.commit()
    return moved


def _free(position: int) -> int:
    """Return the first position from this one on that nobody has."""
    while db.session.scalar(select(func.count()).where(Image.position == position)):
        position += 1
    return position


POSITIONS = Checker("positions", "places in the history", _find, {MISPLACED: _move})
