"""How far batches are, counted from their generations: nothing is kept twice, so nothing drifts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from app.extensions import db
from app.models.generation import Generation, Status
from app.models.types import utc_now

# How far back the present speed is measured: one that stands still has none.
LOOK_BACK = timedelta(minutes=5)


@dataclass(slots=True)
class BatchProgress:
    """How many generations of a batch stand where, how many pictures are kept, and what they cost.

    `cost_microusd` is the cost of those that ended, but for `unpriced` ones, whose cost is not
    known. `recent` is how many pictures those have that ended in the last five minutes.
    """

    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    done: int = 0
    recent: int = 0
    cost_microusd: int = 0
    unpriced: int = 0
    started_at: datetime | None = None
    last_end: datetime | None = None

    @property
    def left(self) -> int:
        """How many generations have not ended."""
        return self.counts[Status.QUEUED] + self.counts[Status.RUNNING]

    @property
    def ended(self) -> int:
        """How many have."""
        return sum(self.counts.values()) - self.left

    def add(self, row: Any) -> None:
        """Count those of one status."""
        self.counts[row.status] = row.number
        self.done += row.done
        self.recent += row.recent
        self.cost_microusd += int(row.cost or 0)  # PostgreSQL adds up to a Decimal
        if row.status.ended:
            self.unpriced += row.number - row.priced
        self.started_at = min(filter(None, (self.started_at, row.started_at)), default=None)
        self.last_end = max(filter(None, (self.last_end, row.last_end)), default=None)


def progress_of(batch_ids: Collection[str]) -> dict[str, BatchProgress]:
    """Return how far each of these batches is, in one query that its index answers alone."""
    found = {each: BatchProgress() for each in batch_ids}
    recently = Generation.finished_at > utc_now() - LOOK_BACK
    counting = select(
        Generation.batch_id,
        Generation.status,
        func.count().label("number"),
        func.sum(Generation.done).label("done"),
        func.sum(case((recently, Generation.done), else_=0)).label("recent"),
        func.sum(Generation.cost_microusd).label("cost"),
        func.count(Generation.cost_microusd).label("priced"),
        func.min(Generation.started_at).label("started_at"),
        func.max(Generation.finished_at).label("last_end"),
    )
    chosen = counting.where(Generation.batch_id.in_(batch_ids))
    for row in db.session.execute(chosen.group_by(Generation.batch_id, Generation.status)):
        found[row.batch_id].add(row)
    return found
