"""A database that stands still while it is copied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import Connection, Engine, false, select, text, update
from sqlalchemy.exc import OperationalError

from app.errors import Conflict
from app.models import Image, Worker
from app.models.transfer import one_moment, tables
from app.models.types import utc_now

_PATIENCE_SECONDS = 10
# A worker beats every few seconds, so one that was not seen for so long is none.
_SILENCE = timedelta(minutes=2)
IN_USE = (
    "Somebody is at work on the database. Stop `manage.py up` and all servers and workers first: what "
    "they keep meanwhile would be missing in the copy."
)


@contextmanager
def held_still(engine: Engine) -> Iterator[Connection]:
    """Let nobody write to a database while inside; give a connection to read it.

    Raises Conflict when somebody is writing, or a worker is at work.
    """
    alive = select(Worker.name).where(Worker.seen_at > utc_now() - _SILENCE).limit(1)
    with engine.connect() as lock:
        if lock.scalar(alive):
            raise Conflict(IN_USE)
        try:
            _lock(lock)
        except OperationalError as error:
            raise Conflict(IN_USE) from error
        with one_moment(engine) as source:
            yield source
        lock.rollback()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables())
        connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE_SECONDS}s'"))
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    else:
        connection.execute(update(Image).where(false()).values(revision=Image.revision))
