"""The engine's own rows, looked at and changed behind its back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import column, select, table, update

from app.extensions import db
from app.jobs.tables import SCHEMA

_SEEN = ("status", "queue_name", "started_at_epoch_ms")
_COLUMNS = ("workflow_uuid", *_SEEN, "executor_id", "completed_at")


def set_job(job: str, **columns: Any) -> None:
    """Commit that a job is in a state of the engine."""
    db.session.rollback()
    rows = _rows()
    with db.engine.begin() as connection:
        connection.execute(update(rows).where(rows.c.workflow_uuid == job).values(columns))


def seen_job(job: str) -> tuple[object, ...]:
    """Return state, queue and begin (None: not begun) of a job, as another connection sees it."""
    rows = _rows()
    found = select(*(rows.c[name] for name in _SEEN)).where(rows.c.workflow_uuid == job)
    with db.engine.connect() as connection:
        return tuple(connection.execute(found).one())


def kept_jobs() -> set[str]:
    """Return the jobs that the engine knows of, as another connection sees it."""
    with db.engine.connect() as connection:
        return set(connection.scalars(select(_rows().c.workflow_uuid)))


def _rows() -> Any:
    schema = None if db.engine.dialect.name == "sqlite" else SCHEMA
    return table("workflow_status", *map(column, _COLUMNS), schema=schema)
