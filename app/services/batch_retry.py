"""Asking again for all of a batch that failed or was cancelled, as a batch of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select

from app.errors import Conflict, ProofsheetError
from app.extensions import db
from app.models import Batch, Generation
from app.models.forgetting import FORGOTTEN
from app.models.types import utc_now
from app.services.batches import get_batch, record_batch
from app.services.generation_changes import RETRYABLE, columns_again
from app.services.idempotency import Once
from app.services.provider_choice import provider_choice


def retry_batch(batch_id: str, api_key_id: int | None = None, once: Once | None = None) -> Batch:
    """Commit a new batch that asks for the same as those of a batch that failed or were cancelled.

    Each has `retry_of`; those whose words were erased are left out. Return the new batch. Raises
    NotFound, Conflict when there are none, and what `submit_batch` raises; nothing is recorded then.
    """
    old = get_batch(batch_id).batch
    name, project, created_at = old.name, old.project, utc_now()
    rows = list(_rows(batch_id, api_key_id, created_at))
    if not rows:
        raise Conflict("Nothing of the batch failed or was cancelled, or its words were erased.")
    return record_batch(
        rows, created_at, name=name, project=project, api_key_id=api_key_id, once=once
    )


def _rows(batch_id: str, api_key_id: int | None, created_at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the columns of each, but for the id, in the order of the prompts."""
    model = cache(provider_choice().model)
    query = select(Generation).where(
        Generation.batch_id == batch_id,
        Generation.status.in_(RETRYABLE),
        Generation.final_prompt != FORGOTTEN,
    )
    for row in db.session.scalars(query.order_by(Generation.id)):
        try:
            yield columns_again(row, model(row.model), api_key_id, created_at)
        except ProofsheetError as error:
            error.args = (f"Generation {row.id}: {error}",)
            raise
