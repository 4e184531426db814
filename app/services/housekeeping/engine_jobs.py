"""The job engine keeps what has ended for ever, unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.models.types import utc_now
from app.services.housekeeping.task import Task
from app.services.job_queue import job_queue

# Long enough to look at what went wrong yesterday.
KEPT = timedelta(days=1)
AT_ONCE = 500
# Who asks how many there are need not know it beyond this.
MOST_COUNTED = 10_000


def _steps() -> Iterator[int]:
    while jobs := job_queue().ended(_before(), AT_ONCE):
        job_queue().remove(jobs)
        yield len(jobs)


def _count() -> int:
    return len(job_queue().ended(_before(), MOST_COUNTED))


def _before() -> datetime:
    return utc_now() - KEPT


ENGINE_JOBS = Task(
    "engine-jobs", timedelta(hours=1), "jobs of the engine that ended a day ago", _steps, _count
)
