"""The room that a database takes, and how what is free in it goes back to the disk."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import text

from app.extensions import db

# Pages of 16 KiB that go back at a time; other writers get their turn in between.
_PAGES = 1_000
# Readers that began before the last change hold SQLite's log; most are done within a moment.
_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.1


def size(tables: Iterable[str]) -> int:
    """Return the bytes on disk: of all of SQLite's file once its log is in it, else of these tables."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            pages = connection.scalar(text("PRAGMA page_count")) or 0
            return pages * (connection.scalar(text("PRAGMA page_size")) or 0)
        return sum(
            connection.scalar(text("SELECT pg_total_relation_size(:name)"), {"name": table}) or 0
            for table in tables
        )


def give_back(tables: Iterable[str], *, anew: bool = False) -> bool:
    """Return what is free to the disk; False where SQLite's log could not be cut, for its readers.

    `anew`: PostgreSQL writes the tables anew, so that nothing of what was there is left in them,
    and locks each of them while it does.
    """
    db.session.rollback()  # our own reading would be in the way
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as connection:
            _shorten(connection.driver_connection)
            return _cut_log(connection.driver_connection)
    how = "VACUUM (FULL, ANALYZE)" if anew else "VACUUM (ANALYZE)"
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f"{how} {table}"))
    return True


@contextmanager
def overwriting() -> Iterator[None]:
    """Have SQLite write zeros over what the transaction deletes, and as before afterwards.

    To be left before the commit: afterwards the connection may be another's.
    """
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    before = _one(driver, "PRAGMA secure_delete")
    _one(driver, "PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        _one(driver, f"PRAGMA secure_delete={before}")


def _shorten(driver: Any) -> None:
    """Move what lies behind free pages into them, and cut the file, to the end."""
    free = _one(driver, "PRAGMA freelist_count")
    while free:
        # Every row is a page; those that are not fetched stay.
        driver.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        left = _one(driver, "PRAGMA freelist_count")
        if left >= free:
            return
        free = left


def _cut_log(driver: Any) -> bool:
    """Write the log into the file and cut it; tell whether that went."""
    patience = _one(driver, "PRAGMA busy_timeout")
    # A checkpoint that waits lets nobody write: it waits briefly, and often.
    _one(driver, f"PRAGMA busy_timeout={int(1000 * _PAUSE_SECONDS)}")
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while _one(driver, "PRAGMA wal_checkpoint(TRUNCATE)"):
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        return True
    finally:
        _one(driver, f"PRAGMA busy_timeout={patience}")


def _one(driver: Any, statement: str) -> int:
    row = driver.execute(statement).fetchone()
    return row[0] if row else 0
