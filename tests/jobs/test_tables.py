"""What is told of the engine's tables without loading it is true of the engine that is installed."""

from __future__ import annotations

from dbos._migration import get_dbos_migrations, sqlite_migrations
from flask import Flask
from sqlalchemy import inspect

from app.extensions import Base, db
from app.jobs.engine import JobEngine
from app.jobs.tables import NAMES, SCHEMA, VERSIONS, recorded_version


def test_the_versions_are_those_that_the_engine_needs() -> None:
    needed = len(sqlite_migrations), len(get_dbos_migrations(SCHEMA, use_listen_notify=True))
    assert (VERSIONS["sqlite"], VERSIONS["postgresql"]) == needed


def test_the_names_are_those_of_its_tables(context: Flask) -> None:
    found = inspect(db.engine)
    if db.engine.dialect.name == "postgresql":
        assert set(found.get_table_names(SCHEMA)) - {"event_dispatch_kv"} == NAMES
    else:
        beside = {"alembic_version"} | {
            name for name in found.get_table_names() if name.startswith(("search_", "prompt_"))
        }
        assert set(found.get_table_names()) - set(Base.metadata.tables) - beside == NAMES


def test_none_of_them_is_named_as_one_of_ours() -> None:
    assert not NAMES & set(Base.metadata.tables)


def test_a_migrated_database_needs_no_engine_to_tell(context: Flask) -> None:
    with db.engine.connect() as connection:
        assert recorded_version(connection) == VERSIONS[db.engine.dialect.name]
    assert JobEngine(context).is_migrated()
