"""One moment of the database for many statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db


@contextmanager
def snapshot() -> Iterator[None]:
    """Have all that is read inside be as it was at the first statement; nothing is to be written.

    SQLite's transactions are so by themselves.
    """
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()
