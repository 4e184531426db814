"""The limits of the queue: those of all workers together, and the one that each has for itself.

The engine keeps them all in one row, so that the worker that started last would set them for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypedDict

from dbos import DBOSClient, Queue
from dbos._queue import QueueRateLimit
from dbos._sys_db import SystemDatabase

from app.errors import ConfigurationError
from app.jobs.engine import QUEUE
from app.services.health import workers
from config import Settings

# A little longer than one: between the start of a job, which the engine counts, and the call, which
# the provider counts, goes some time, and not always the same.
MINUTE_SECONDS = 63.0


class Limits(TypedDict):
    """What the engine is told of the limits over all workers."""

    global_concurrency: int | None
    partition_concurrency: int | None
    partition_limiter: QueueRateLimit | None


def limits_of(settings: Settings) -> Limits:
    """Return the limits of the queue; each of its partitions is a model of a provider."""
    in_all = settings.max_running_in_all
    a_model, a_minute = settings.max_running_per_model, settings.pictures_per_minute
    return {
        "global_concurrency": in_all,
        # The engine refuses a limit that a wider one makes idle.
        "partition_concurrency": a_model and min(a_model, in_all or a_model),
        "partition_limiter": {"limit": a_minute, "period": MINUTE_SECONDS} if a_minute else None,
    }


def require_same_limits(client: DBOSClient, settings: Settings, name: str) -> None:
    """Raise ConfigurationError when another worker than `name` lives whose limits differ."""
    queue = client.retrieve_queue(QUEUE)
    others = [each.name for each in workers() if each.alive and each.name != name]
    if queue is None or not others:
        return
    theirs, ours = _shown(_registered(queue)), _shown(limits_of(settings))
    odd = [
        f"{setting} is {theirs[setting]} there and {ours[setting]} here"
        for setting in ours
        if ours[setting] != theirs[setting]
    ]
    if odd:
        raise ConfigurationError(
            f"The worker {others[0]!r} is at work with other limits of all workers together: "
            f"{', '.join(odd)}. Set them alike, or stop the others first."
        )


@contextmanager
def own_limit(most: int) -> Iterator[None]:
    """Let the worker of this process run at most so many jobs at once while inside.

    Each time the engine looks at the queue it is told so in place of what the row says for all.
    """
    ask = SystemDatabase.get_queue

    def get_queue(database: SystemDatabase, name: str, **options: Any) -> Queue | None:
        queue = ask(database, name, **options)
        if queue is not None and queue.name == QUEUE:
            queue._worker_concurrency = most  # noqa: SLF001 - there is no public way
        return queue

    SystemDatabase.get_queue = get_queue  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        SystemDatabase.get_queue = ask  # type: ignore[method-assign]


def _registered(queue: Queue) -> Limits:
    return {
        "global_concurrency": queue.global_concurrency,
        "partition_concurrency": queue.partition_concurrency,
        "partition_limiter": queue.partition_limiter,
    }


def _shown(limits: Limits) -> dict[str, int | str]:
    """Return limits by their settings, as those are written."""
    limiter = limits["partition_limiter"]
    return {
        "PROOFSHEET_MAX_RUNNING_IN_ALL": limits["global_concurrency"] or "none",
        "PROOFSHEET_MAX_RUNNING_PER_MODEL": limits["partition_concurrency"] or "none",
        "PROOFSHEET_PICTURES_PER_MINUTE": limiter["limit"] if limiter else "none",
    }
