"""Batches: what each says of itself, against its generations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from app.models import Batch, Generation, Status
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import commit

TOTALS_WRONG = Kind(
    "batch-totals", "batches whose totals differ from their generations", "counted anew"
)
EMPTY = Kind(
    "batch-empty",
    "batches without a generation",
    advice="Restore their generations from a backup.",
)
ENDED_TOO_SOON = Kind(
    "batch-ended-too-soon",
    "batches that are said to have ended and go on",
    "their end is noted when it comes",
)


def _of_batch(value: Any, *conditions: ColumnElement[bool]) -> Any:
    of_batch = select(value).where(Generation.batch_id == Batch.id, *conditions)
    return of_batch.correlate(Batch).scalar_subquery()


_TOTAL = _of_batch(func.count(Generation.id))
_PICTURES = _of_batch(func.coalesce(func.sum(Generation.n), 0))
_LEFT = _of_batch(func.count(Generation.id), Generation.status.in_((Status.QUEUED, Status.RUNNING)))
_CONDITIONS: dict[Kind, ColumnElement[bool]] = {
    TOTALS_WRONG: and_(_TOTAL > 0, or_(Batch.total != _TOTAL, Batch.pictures != _PICTURES)),
    EMPTY: _TOTAL == 0,
    ENDED_TOO_SOON: and_(Batch.finished_at.is_not(None), _LEFT > 0),
}


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    for kind, condition in _CONDITIONS.items():
        with snapshot():
            for (batch_id,) in rows_of(select(Batch.id).where(condition).order_by(Batch.id)):
                yield Fault(kind, batch_id)


def _recount(ids: list[str]) -> int:
    changed = update(Batch).where(Batch.id.in_(ids), _CONDITIONS[TOTALS_WRONG])
    return commit(changed.values(total=_TOTAL, pictures=_PICTURES))


def _take_back_end(ids: list[str]) -> int:
    changed = update(Batch).where(Batch.id.in_(ids), _CONDITIONS[ENDED_TOO_SOON])
    return commit(changed.values(finished_at=None))


BATCHES = Checker(
    "batches", "batches", _find, {TOTALS_WRONG: _recount, ENDED_TOO_SOON: _take_back_end}
)
