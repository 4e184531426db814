"""Batches in pages, by cursor, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.models.batch import Batch
from app.models.cursor import Cursor
from app.models.page import Slice
from app.models.ulid_pages import beyond, slice_by_id


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Conditions that all hold together, None meaning any."""

    project: str | None = None


def batches_of(wanted: BatchFilter, cursor: Cursor | None, limit: int) -> Slice[Batch]:
    """Return up to `limit` batches from a cursor on, or from the newest. Raises InvalidInput."""
    return slice_by_id(cursor, limit, lambda start, most: _rows(wanted, start, most))


def _rows(wanted: BatchFilter, cursor: Cursor | None, limit: int) -> list[Batch]:
    query = select(Batch)
    if wanted.project is not None:
        query = query.where(Batch.project == wanted.project)
    return list(db.session.scalars(beyond(query, Batch.id, cursor).limit(limit)))
