"""The room that a database takes, and how what is free in it goes back to the disk."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.models.image_lock import give_way

# Pages of 16 KiB that go back at a time; other writers get their turn in between.
_PAGES = 1_000
# Readers that began before the last change hold SQLite's log, or a table; most are done soon.
_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.1
_LOCKED = "55P03"  # PostgreSQL's "lock_not_available"
_FREE_PAGES = "PRAGMA freelist_count"
# What SQLite calls the settings that it tells as numbers.
_SECURE_DELETE = ("OFF", "ON", "FAST")


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


def database_bytes() -> int:
    """Return the bytes on disk of the whole database."""
    if db.engine.dialect.name == "sqlite":
        pages = db.session.scalar(text("PRAGMA page_count")) or 0
        return int(pages * (db.session.scalar(text("PRAGMA page_size")) or 0))
    return int(db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def free_bytes() -> int | None:
    """Return the bytes of SQLite's file that hold nothing; None on PostgreSQL, which does not tell."""
    if db.engine.dialect.name != "sqlite":
        return None
    pages = db.session.scalar(text(_FREE_PAGES)) or 0
    return int(pages * (db.session.scalar(text("PRAGMA page_size")) or 0))


def give_back(tables: Iterable[str], anew: Iterable[str] = ()) -> bool:
    """Return what is free to the disk; False where others that read were in the way of that.

    PostgreSQL writes the tables `anew` from their beginning, so that nothing of what was there is
    left in their files, and locks each of them while it does.
    """
    db.session.rollback()  # our own reading would be in the way
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as connection:
            _shorten(connection.driver_connection)
            return _cut_log(connection.driver_connection)
    anew = sorted(anew)
    try:
        _vacuum(sorted(set(tables).difference(anew)), "ANALYZE")
        # Last the samples that were taken of the tables, for the planner.
        _vacuum([*anew, "pg_statistic"] if anew else [], "FULL, ANALYZE")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCKED:
            raise
        return False
    return True


def free_pages() -> int:
    """Return how many pages of SQLite's file hold nothing; 0 on PostgreSQL."""
    db.session.rollback()  # as above
    if db.engine.dialect.name != "sqlite":
        return 0
    with db.engine.connect() as connection:
        return connection.scalar(text(_FREE_PAGES)) or 0


def release(pages: int) -> int:
    """Return so many free pages of SQLite's file to the disk; return how many that were.

    None, where the file was made by another program without the means for it.
    """
    with closing(db.engine.raw_connection()) as connection:
        return _release(connection.driver_connection, pages)


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
        _one(driver, f"PRAGMA secure_delete={_SECURE_DELETE[before]}")


def _vacuum(tables: Iterable[str], how: str) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{_PATIENCE_SECONDS}s'"))
        try:
            for table in tables:
                connection.execute(text(f"VACUUM ({how}) {table}"))
        finally:
            connection.execute(text("RESET lock_timeout"))


def _shorten(driver: Any) -> None:
    """Move what lies behind free pages into them, and cut the file, to the end."""
    begun = time.monotonic()
    while _release(driver, _PAGES):
        give_way(time.monotonic() - begun)
        begun = time.monotonic()


def _release(driver: Any, pages: int) -> int:
    free = _one(driver, _FREE_PAGES)
    # Every row is a page; those that are not fetched stay.
    driver.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    return max(0, free - _one(driver, _FREE_PAGES))


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
