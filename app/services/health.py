"""Who is at work, as those need to know who look after the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.extensions import current_settings
from app.models.types import utc_now
from app.services.workers import live_workers


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker.

    `token` is what the generations that it runs bear, `silent_seconds` how long ago it was last seen,
    by this machine's clock.
    """

    name: str
    token: str
    running: int
    started_at: datetime
    silent_seconds: float

    @property
    def alive(self) -> bool:
        """Tell whether it may be believed to live: one that died is struck off by another only."""
        return self.silent_seconds <= current_settings().worker_silence


def workers() -> list[WorkerState]:
    """Return who signed on and did not leave, by name; one of them may have died."""
    now = utc_now()
    return [
        WorkerState(
            name=each.name,
            token=each.token,
            running=each.running,
            started_at=each.started_at,
            silent_seconds=max((now - each.seen_at).total_seconds(), 0.0),
        )
        for each in live_workers()
    ]
