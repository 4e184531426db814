"""Reading many tables as they were at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, text

from app.extensions import db
from app.models.word_index.tables import on_sqlite

AT_ONCE = 500


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all that is read inside be of one moment; nothing is locked, nothing can be written.

    What others change between two reads would else look like a fault.
    """
    db.session.rollback()
    try:
        if not on_sqlite():  # there a transaction that reads is a snapshot anyhow
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            db.session.execute(text("SET TRANSACTION READ ONLY"))
        yield
    finally:
        db.session.rollback()


def rows_of(query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    """Yield the rows of a query, a few in memory at a time."""
    with db.session.execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
        yield from rows
