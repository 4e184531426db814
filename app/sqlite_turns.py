"""Writers of an SQLite file take turns.

SQLite has one write lock and no queue for it: whoever finds it taken sleeps, up to a tenth of a second,
and may find it taken again, until the time-out. Of 32 threads that write at once some never got it
within ten seconds. So the threads of one process queue for it here, and the one whose turn it is asks
SQLite every few milliseconds: then only other processes are in its way.
"""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from app.waiting_line import WaitingLine

_PAUSE_SECONDS = (0.001, 0.003)


class WriterTurns:
    """The queue of one engine. A turn lasts until its transaction ends."""

    def __init__(self, engine: Engine) -> None:
        """Watch for transactions of `engine` that end."""
        self._turn = WaitingLine()
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", _roll_back)
        event.listen(engine, "invalidate", lambda _driver, record, _error: _end(record))

    def begin_immediate(self, connection: Connection) -> None:
        """Begin a transaction with the write lock. Waits as long as the connection's busy_timeout.

        Raises OperationalError, "database is locked", after that.
        """
        driver: Any = connection.connection.dbapi_connection
        [patience] = driver.execute("PRAGMA busy_timeout").fetchone()
        until = time.monotonic() + patience / 1000
        if self._turn.acquire(patience / 1000):
            connection.info["turn"] = self._turn
        driver.execute("PRAGMA busy_timeout=0")
        try:
            while time.monotonic() < until:
                if _begun(driver):
                    return
                time.sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - so as not to keep step
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # in SQLAlchemy's words, if it fails
        finally:
            driver.execute(f"PRAGMA busy_timeout={patience}")

    def _commit(self, connection: Connection) -> None:
        # SQLAlchemy tells before it commits: the next writer would come too early. So it is done here,
        # in SQLAlchemy's words, if it fails: SQLite may have undone everything then (the disk is full),
        # and a second commit, of nothing, would go well.
        if "turn" in connection.info:
            try:
                connection.exec_driver_sql("COMMIT")
            finally:
                _end(connection)


def _roll_back(connection: Connection) -> None:
    if not connection.invalidated:  # then its turn has ended before
        _end(connection)


def _end(connection: Any) -> None:
    """End the turn of a connection, or of its record, if it has one."""
    turn = connection.info.pop("turn", None)
    if turn is not None:
        turn.release()


def _begun(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
