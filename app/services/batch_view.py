"""A batch as it stands: how far it is, how fast it goes, and how long it may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.models import Batch, Status
from app.models.batch_progress import LOOK_BACK, BatchProgress, progress_of
from app.models.types import utc_now

MINUTE = 60.0
Stand = Literal["queued", "running", "ended"]


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch, and how far it was at a moment."""

    batch: Batch
    progress: BatchProgress
    at: datetime = field(default_factory=utc_now)

    @property
    def status(self) -> Stand:
        """Where it stands: nothing was begun, something goes on, or all has ended."""
        if not self.progress.left:
            return "ended"
        return "queued" if self.progress.counts[Status.QUEUED] == self.batch.total else "running"

    @property
    def finished_at(self) -> datetime | None:
        """When the last of it ended; None while anything goes on."""
        return None if self.progress.left else self.progress.last_end

    @property
    def pictures_per_minute(self) -> float | None:
        """How fast it goes just now or, once it has ended, how fast it went; None: it stands still."""
        began, ended = self.progress.started_at, self.finished_at
        if began is None:
            return None
        if ended:
            pictures, seconds = self.progress.done, (ended - began).total_seconds()
        else:
            pictures, seconds = self.progress.recent, (self.at - began).total_seconds()
            seconds = min(seconds, LOOK_BACK.total_seconds())
        return pictures / seconds * MINUTE if pictures and seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take if it goes on like this; None where nobody can tell."""
        speed = self.pictures_per_minute
        if speed is None or not self.progress.left:
            return None
        pictures = self.progress.left * self.batch.pictures / self.batch.total
        return pictures / speed * MINUTE


def views_of(batches: Sequence[Batch]) -> list[BatchView]:
    """Return how each of these stands, in their order; counted in one query."""
    progress = progress_of([each.id for each in batches])
    return [BatchView(each, progress[each.id]) for each in batches]
