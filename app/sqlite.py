"""How SQLite is set up: durable settings, and transactions that readers and writers can share."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.sqlite_turns import WriterTurns

BUSY_MILLISECONDS = 10_000
# For a file without a page, before the first table. Later these have no effect, but the second would
# have every new connection wait for the write lock.
FIRST_PRAGMAS = ("page_size=16384", "auto_vacuum=INCREMENTAL")
# FULL: a commit that was answered survives a power cut (NORMAL loses all since the last checkpoint).
# Sizes: 64 MB of cache a connection, 1 GB mapped, a checkpoint about every 16 MB (1,000 pages of
# 16 KiB). secure_delete FAST: zeros over what a row held before it grew and moved, in pages that are
# written anyhow; without it words would lie about in them that `images purge --forget` could never
# find.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=FAST",
    "cache_size=-65536",
    "mmap_size=1073741824",
    "wal_autocheckpoint=1000",
    "journal_size_limit=67108864",
)

# Statements that take no write lock, or that manage transactions themselves.
_NOT_WRITING = ("SELECT", "WITH", "PRAGMA", "EXPLAIN", "VALUES", "BEGIN", "COMMIT", "ROLLBACK")


def prepare_engine(engine: Engine) -> None:
    """Give every connection of an SQLite `engine` the settings and transactions above."""
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    turns = WriterTurns(engine)
    event.listen(engine, "before_cursor_execute", partial(_lock_before_first_write, turns))


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    [pages] = cursor.execute("PRAGMA page_count").fetchone()
    for pragma in (*(() if pages else FIRST_PRAGMAS), *PRAGMAS):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.info["writing"] = False
    # By the driver itself: through SQLAlchemy this word takes as long as a page's query.
    driver = connection.connection.dbapi_connection
    driver.execute("BEGIN")  # type: ignore[union-attr]


def _lock_before_first_write(
    turns: WriterTurns,
    connection: Connection,
    _cursor: object,
    statement: str,
    _args: object,
    context: Any,
    _many: bool,
) -> None:
    """Turn a transaction that has only read into one that holds the write lock.

    SQLite cannot do so itself when another process has written since the first read: it fails at
    once, "database is locked", whatever the time-out. So the read transaction is ended (it has
    nothing to lose) and BEGIN IMMEDIATE waits its turn. What was read before may have changed since,
    just as in PostgreSQL's READ COMMITTED: updates are guarded by conditions on both.
    """
    if connection.info.get("writing", True) or not _writes(statement, context):
        return
    connection.exec_driver_sql("COMMIT")
    turns.begin_immediate(connection)
    connection.info["writing"] = True


def _writes(statement: str, context: Any) -> bool:
    if context is not None and (context.isinsert or context.isupdate or context.isdelete):
        return True
    return not statement.lstrip().upper().startswith(_NOT_WRITING)
