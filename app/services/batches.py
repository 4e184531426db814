"""Batches: up to 10,000 prompts that are asked for as one, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from app.errors import Busy, Conflict, InvalidInput, NotFound
from app.extensions import current_settings, db
from app.models import Batch, Generation, Status, prompt_book
from app.models.generation import new_id, new_ids
from app.models.prompt_manager import PromptManager
from app.models.types import is_label, utc_now
from app.services import budgets, idempotency
from app.services.batch_bodies import MOST_PROMPTS
from app.services.batch_feed import finish_batches, give_jobs
from app.services.batch_view import BatchView, views_of
from app.services.generation_changes import end_as_cancelled
from app.services.generation_request import GenerationRequest
from app.services.idempotency import Once
from app.services.image_generator_service import ULID_TEXT
from app.services.job_queue import job_queue
from app.services.patience import patiently
from app.services.preparation import Preparation, prepare_all
from app.services.provider_choice import provider_choice

# What the engine gets at once; the workers see to the rest (batch_feed.py).
FIRST_JOBS = 100
# Who watches need not give up while the database is started again.
WATCHERS_PATIENCE_SECONDS = 60.0


def submit_batch(
    requests: Sequence[GenerationRequest],
    *,
    name: str | None = None,
    project: str | None = None,
    api_key_id: int | None = None,
    once: Once | None = None,
) -> Batch:
    """Check all requests and commit them as one batch, in their order; return it.

    With `once`, the batch that somebody else made of the same request meanwhile is returned in its
    place. Raises what ImageGeneratorService.submit raises, told with the number of the prompt, and
    Busy when too many wait already; nothing is recorded then. A budget takes all of it or nothing.
    """
    _check_batch(requests, name, project)
    created_at = utc_now()
    rows = list(_rows(requests, api_key_id, created_at))
    return record_batch(
        rows, created_at, name=name, project=project, api_key_id=api_key_id, once=once
    )


def record_batch(
    columns: Sequence[dict[str, Any]],
    created_at: datetime,
    *,
    name: str | None = None,
    project: str | None = None,
    api_key_id: int | None = None,
    once: Once | None = None,
) -> Batch:
    """Commit generations that were checked, by their columns but for the id, as one batch; return it.

    Their ids rise in their order. Raises KeyReused, Busy, OverBudget and Unpriced.
    """
    ids = new_ids(created_at, len(columns))
    rows = [{"id": given, **each} for given, each in zip(ids, columns, strict=True)]
    estimates = [row["estimated_microusd"] for row in rows]
    batch = Batch(
        id=new_id(created_at),
        name=name,
        project=project,
        api_key_id=api_key_id,
        total=len(rows),
        pictures=sum(row["n"] for row in rows),
        estimated_microusd=None if None in estimates else sum(estimates),
        created_at=created_at,
    )
    prompt_book.lock()
    _require_room(len(rows))
    _add(batch, rows)
    if once and not idempotency.claim(once, rows[0]["id"]):
        db.session.rollback()
        return _made_before(once)
    give_jobs(FIRST_JOBS)
    budgets.reserve(estimates, api_key_id, created_at)
    db.session.commit()
    return batch


def find_batch(once: Once) -> str | None:
    """Return the id of the batch that this request made before; None: it is new. Raises KeyReused."""
    # A key leads to a generation: here to the first one of the batch.
    first = idempotency.find(once)
    if first is None:
        return None
    return db.session.scalar(select(Generation.batch_id).where(Generation.id == first))


def get_batch(batch_id: str) -> BatchView:
    """Return a batch as it stands. Raises NotFound."""
    batch = None
    if ULID_TEXT.fullmatch(batch_id):
        batch = db.session.get(Batch, batch_id, populate_existing=True)
    if batch is None:
        raise NotFound(f"There is no batch {batch_id[:40]!r}.")
    return views_of([batch])[0]


def watch_batch(batch_id: str) -> Iterator[BatchView]:
    """Yield how a batch stands each time it is asked for, the last time once all of it has ended.

    Then its end is noted, if no worker has done so yet. Holds no connection between. Raises NotFound.
    """
    left = True
    while left:
        db.session.remove()  # what was read meanwhile must not make old what is read now
        view = patiently(lambda: get_batch(batch_id), WATCHERS_PATIENCE_SECONDS)
        db.session.remove()
        left = bool(view.progress.left)
        if not left:
            finish_batches()
        yield view


def cancel_batch(batch_id: str) -> BatchView:
    """End all of a batch that waits or runs, and commit; return it.

    No image appears afterwards; those that it has stay. Raises NotFound, and Conflict when all of it
    has ended.
    """
    get_batch(batch_id)
    ended = end_as_cancelled(Generation.batch_id == batch_id)
    if not ended:
        db.session.rollback()
        raise Conflict("All of the batch has ended.")
    db.session.get_one(Batch, batch_id).cancelled_at = utc_now()
    db.session.commit()
    job_queue().cancel([each.job for each in ended if each.job])
    finish_batches()
    return get_batch(batch_id)


def _check_batch(
    requests: Sequence[GenerationRequest], name: str | None, project: str | None
) -> None:
    if not 1 <= len(requests) <= MOST_PROMPTS:
        many = f"more than {MOST_PROMPTS:,}" if requests else "none"
        raise InvalidInput(
            f"A batch has 1 to {MOST_PROMPTS:,} prompts; this one has {many}.", field="prompts"
        )
    for field, label in {"name": name, "project": project}.items():
        if label is not None and not is_label(label):
            raise InvalidInput(f"A {field} is 1 to 100 printable characters.", field=field)


def _rows(
    requests: Sequence[GenerationRequest], api_key_id: int | None, created_at: datetime
) -> Iterator[dict[str, Any]]:
    """Return the columns of each generation, but for its id."""
    preparation = Preparation(PromptManager(), provider_choice())
    return prepare_all(preparation, requests, api_key_id, created_at)


def _require_room(added: int) -> None:
    """Raise Busy when so many more would be too many for the queue of batches."""
    most = current_settings().max_queued
    queued = Generation.status == Status.QUEUED
    waiting = select(func.count()).where(queued, Generation.batch_id.is_not(None))
    already = db.session.scalar(waiting) or 0
    if already + added > most:
        db.session.rollback()
        raise Busy(
            f"{already:,} generations of batches wait already, and {added:,} more would be over the "
            f"limit of {most:,}. Send it later, or in parts.",
            retry_after=60,
        )


def _add(batch: Batch, rows: list[dict[str, Any]]) -> None:
    uses = [(row["prompt"], row["created_at"]) for row in rows]
    for row, prompt_id in zip(rows, prompt_book.use_many(uses), strict=True):
        row |= {"batch_id": batch.id, "prompt_id": prompt_id}
    db.session.add(batch)
    db.session.flush()
    db.session.execute(insert(Generation), rows)


def _made_before(once: Once) -> Batch:
    return get_batch(find_batch(once) or "").batch
