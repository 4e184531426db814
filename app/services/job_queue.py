"""What the services ask of the job engine, so that they need not know which one it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from flask import current_app

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import Generation


class JobQueue(Protocol):
    """Queued generations, in the same database as their rows. `jobs.engine` is the one there is.

    `schema` is where its tables lie on PostgreSQL.
    """

    schema: str

    def enqueue(self, session: Session, generation: Generation, delay: float = 0) -> None:
        """Add a job that runs a queued generation, `delay` seconds from now at the earliest.

        In the session's own transaction: both are committed, or neither. Sets `generation.job`. One
        of a batch is begun after all others that wait.
        """
        ...

    def cancel(self, jobs: Sequence[str]) -> None:
        """Take jobs back, by their names in `Generation.job`; one that was begun is left alone.

        It is not stopped, its generation's status tells it; and until its call has ended it holds its
        place. Not in the session's transaction, so call it after the commit.
        """
        ...

    def bury(self, jobs: Sequence[str]) -> None:
        """End jobs that nobody runs any more, begun or not, so that they hold no places.

        They count among those begun within the last minute all the same. Call it as `cancel`.
        """
        ...

    def waiting(self, jobs: Sequence[str]) -> set[str]:
        """Return those of `jobs` that still wait for their turn, or run."""
        ...

    def strike_orphans(self, live: Callable[[], Collection[str]]) -> None:
        """Bury the jobs of workers that are no more: they would hold places for ever.

        `live` gives the tokens of those that are; asked last, so that none can be missed.
        """
        ...

    def ended(self, before: datetime, most: int) -> list[str]:
        """Return up to so many jobs that ended before a moment, however they did."""
        ...

    def remove(self, jobs: Sequence[str]) -> None:
        """Remove jobs that have ended, with all that the engine knows of them."""
        ...

    def worker(self, name: str) -> JobWorker:
        """Return a worker that goes by `name`; it is not at work yet. One a process."""
        ...

    def migrate(self) -> None:
        """Bring the engine's own tables up to date."""
        ...

    def is_migrated(self) -> bool:
        """Tell whether they are."""
        ...


class JobWorker(Protocol):
    """Runs what is queued."""

    def run(self, ready: Callable[[], None] = ...) -> None:
        """Work until `stop`; `ready` is called once it does.

        Raises ConfigurationError when a worker of the same name lives, or one with other limits over
        all workers.
        """
        ...

    def stop(self) -> None:
        """Ask it to finish what is under way and to end; from a signal or another thread."""
        ...


def job_queue() -> JobQueue:
    """Return the job engine of the current app."""
    return cast(JobQueue, current_app.extensions["jobs"])
