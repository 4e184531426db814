"""Runs the migrations on the app's own engine, in one transaction on both databases."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

import app.models  # noqa: F401 - so that the metadata knows every table
from app.extensions import Base, db
from app.jobs.tables import include_name
from app.models.types import UtcDateTime

engine = db.engine


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our column type into a new migration as what the database sees of it."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def migrate(connection: Connection) -> None:
    """Bring the schema up or down; the whole way, or not at all."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        include_name=include_name,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def set_foreign_keys(connection: Connection, state: str) -> None:
    """Switch SQLite's foreign keys, outside any transaction (inside one it would do nothing).

    A batch migration of `images` drops the old table; with foreign keys on, that would delete every
    picture through ON DELETE CASCADE.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - for the type checker
        driver.execute(f"PRAGMA foreign_keys={state}")


with engine.connect() as connection:
    set_foreign_keys(connection, "OFF")
    try:
        migrate(connection)
        connection.commit()
    finally:
        connection.rollback()
        set_foreign_keys(connection, "ON")
