"""The names of the engine's own tables, told without loading the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, inspect, text

from app.models import search_index

# On PostgreSQL they lie in a schema of their own, which nobody else's tools look into.
SCHEMA = "dbos"
# On SQLite beside ours. A test holds the list to what the engine makes.
NAMES = frozenset(
    {
        "application_versions",
        "dbos_migrations",
        "notifications",
        "operation_outputs",
        "queues",
        "streams",
        "workflow_events",
        "workflow_events_history",
        "workflow_input",
        "workflow_output",
        "workflow_schedules",
        "workflow_status",
    }
)

# What the engine that is pinned in requirements.txt needs. A test holds them to it.
VERSIONS = {"sqlite": 125, "postgresql": 125}


def recorded_version(connection: Connection) -> int:
    """Return which version the engine's tables have; 0 where there are none."""
    schema = SCHEMA if connection.dialect.name == "postgresql" else None
    if not inspect(connection).has_table("dbos_migrations", schema):
        return 0
    table = f"{SCHEMA}.dbos_migrations" if schema else "dbos_migrations"
    return connection.scalar(text(f"SELECT version FROM {table}")) or 0  # noqa: S608 - our own


def include_name(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Tell Alembic which of the database's names to compare: not the engine's, nor those that are
    made by hand."""
    if kind == "table" and name in NAMES:
        return False
    return search_index.include_name(name, kind, parents)
