"""A mark on a database that is only half there, which keeps everybody else from using it."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.services.schema import UNFINISHED, current_revision, known_revisions


def is_unfinished() -> bool:
    """Tell whether the current app's database is half a copy, made by this very version."""
    return current_revision() == UNFINISHED + known_revisions()[-1]


def mark_unfinished(connection: Connection) -> None:
    """Mark a database whose tables are as this version needs them. Commits."""
    _mark(connection, UNFINISHED + known_revisions()[-1])


def mark_whole(connection: Connection) -> None:
    """Take the mark away. Commits."""
    _mark(connection, known_revisions()[-1])


def _mark(connection: Connection, revision: str) -> None:
    statement = text("UPDATE alembic_version SET version_num = :revision")
    connection.execute(statement, {"revision": revision})
    connection.commit()
