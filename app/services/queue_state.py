"""What waits and runs, and who is at work on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.models import Generation, Status
from app.models.generation import PASSED_ON
from app.models.generation_pages import GenerationFilter
from app.services.health import WorkerState

GOING_ON = (Status.RUNNING, Status.QUEUED)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many of one model wait or run, and when the first of them was asked for."""

    status: Status
    provider: str
    model: str
    count: int
    oldest: datetime


def depths() -> list[Depth]:
    """Return what waits and runs, by model."""
    by = (Generation.status, Generation.provider, Generation.model)
    counts = select(*by, func.count(), func.min(Generation.created_at))
    rows = db.session.execute(counts.where(Generation.status.in_(GOING_ON)).group_by(*by))
    return [Depth(*row) for row in rows]


def listed(wanted: GenerationFilter, limit: int, *, ended_too: bool = False) -> list[Generation]:
    """Return up to `limit` generations that a filter means.

    Without a status what runs and then what waits, the oldest first; of those that ended, and where
    these are meant too, the newest.
    """
    conditions = wanted.conditions()
    if wanted.by is not None:
        conditions.append(Generation.api_key_id.in_(wanted.key_ids()))
    query = select(Generation).where(*conditions)
    if ended_too or (wanted.status and wanted.status.ended):
        return list(db.session.scalars(query.order_by(Generation.id.desc()).limit(limit)))
    found: list[Generation] = []
    for each in [wanted.status] if wanted.status else GOING_ON:
        going = query.where(Generation.status == each).order_by(Generation.id)
        found += db.session.scalars(going.limit(limit - len(found)))
    return found


def standing(generation: Generation, workers: Sequence[WorkerState]) -> str:
    """Return how a generation stands, in words, and what to do where something is."""
    done = f"{generation.done} of {generation.n} pictures are kept"
    why = generation.error_message or ""
    if generation.status == Status.RUNNING and generation.runner == PASSED_ON:
        return "It is passed on to the program that asked, and ends with it."
    if generation.status == Status.RUNNING:
        return f"It is drawn by {runner(generation, workers) or 'who asked for it'}; {done}."
    if generation.status != Status.QUEUED:
        again = (
            "; `manage.py jobs retry` asks again" if generation.status != Status.SUCCEEDED else ""
        )
        return f"It is {generation.status.value}; {done}{again}. {why}".rstrip()
    if not any(each.alive for each in workers):
        return "It waits, and no worker is alive: start `manage.py up` or `manage.py worker`."
    if generation.next_try_at:
        at = f"{generation.next_try_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"It waits to be tried again at {at}; {done}. {why}".rstrip()
    return f"It waits for its turn; {done}."


def runner(generation: Generation, workers: Sequence[WorkerState]) -> str | None:
    """Return the name of the worker that runs a generation; None: nobody, or whoever asked."""
    return next((each.name for each in workers if each.token == generation.runner), None)
