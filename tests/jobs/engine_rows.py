"""The engine's own rows, looked at and changed behind its back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import column, select, table, update

from app.extensions import db
from app.jobs.tables import SCHEMA

_COLUMNS = ("workflow_uuid", "status", "executor_id", "completed_at")


def set_job(job: str, **columns: Any) -> None:
    """Commit that a job is in a state of the engine."""
    db.session.rollback()
    rows = _rows()
    with db.engine.begin() as connection:
        connection.execute(update(rows).where(rows.c.workflow_uuid == job).values(columns))


def kept_jobs() -> set[str]:
    """Return the jobs that the engine knows of, as another connection sees it."""
    with db.engine.connect() as connection:
        return set(connection.scalars(select(_rows().c.workflow_uuid)))


def _rows() -> Any:
    schema = None if db.engine.dialect.name == "sqlite" else SCHEMA
    return table("workflow_status", *map(column, _COLUMNS), schema=schema)
