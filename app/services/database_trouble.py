"""When the database itself is the matter, and not what was asked of it."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

# https://www.postgresql.org/docs/current/errcodes-appendix.html
DISK_FULL = "53100"
READ_ONLY_TRANSACTION = "25006"
_CORRUPT = "XX001", "XX002"
_DAMAGED = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB


class Trouble(StrEnum):
    """What is the matter, in words that say what to do."""

    AWAY = "The database cannot be used just now; try again. The server's log says why."
    FULL = (
        "The database's disk is full, so nothing new can be kept. Free some space and try again; "
        "nothing was lost."
    )
    READ_ONLY = (
        "The database can only be read just now, so nothing new can be kept. Let it be written to "
        "(the rights of its file and folder, or a standby that was not promoted) and try again."
    )


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what is the matter with the database, or None: the error is another."""
    if not isinstance(error, DBAPIError):
        return None
    found = _by_code(error)
    if found or isinstance(error, OperationalError | InterfaceError):
        return found or Trouble.AWAY
    return Trouble.AWAY if error.connection_invalidated else None


def is_damage(error: DBAPIError) -> bool:
    """Tell whether what the database keeps cannot be read: its file is damaged.

    Not where SQLite says so of an index of words alone, which is written anew.
    """
    code = getattr(error.orig, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_CORRUPT_VTAB:
        return False
    return code & 0xFF in _DAMAGED or getattr(error.orig, "sqlstate", None) in _CORRUPT


def _by_code(error: DBAPIError) -> Trouble | None:
    # The lowest byte of SQLite's code is its kind, the others tell it in detail.
    kind = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error.orig, "sqlstate", None)
    if kind == sqlite3.SQLITE_FULL or state == DISK_FULL:
        return Trouble.FULL
    if kind == sqlite3.SQLITE_READONLY or state == READ_ONLY_TRANSACTION:
        return Trouble.READ_ONLY
    return None
