"""Who is at work, and what becomes of the work of those who died.

A worker's name is its owner's to choose and is held by a lock while the worker lives; its token is
new with each start. Heartbeats tell the others that it lives.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from ulid import ULID

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.models import Generation, Status, Worker
from app.models.types import utc_now
from app.services.instance import locked

# A lease is renewed with each heartbeat. It outlives a restart of the database.
LEASE = timedelta(seconds=60)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
# Any number will do, as long as every process of Proofsheet takes the same.
ADVISORY_SPACE = 776_637
# One that was killed just now may need a moment to be gone.
LEAVING_SECONDS = 1.0
# Who has not looked for so long, or half of the silence, starts anew to watch the others.
SHORTEST_BLINDNESS_SECONDS = 1.0


class NameLock:
    """The lock of a worker's name. That of a file cannot be lost."""

    def keep(self) -> None:
        """Take the lock again if it was lost; cheap if not.

        Raises ConfigurationError when another has it by now.
        """


@contextmanager
def name_held(name: str) -> Iterator[NameLock]:
    """Hold a worker's name while inside; it is free again as soon as the process has ended.

    Raises ConfigurationError when the name does not fit, or a worker of that name lives.
    """
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            "A worker's name is 1 to 64 letters, digits and . _ - @, such as --name worker-2."
        )
    message = f"A worker named {name!r} is at work already. Start this one with another --name."
    with ExitStack() as stack:
        until = time.monotonic() + LEAVING_SECONDS
        while True:
            try:
                lock = stack.enter_context(_lock(name, message))
                break
            except ConfigurationError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield lock


@contextmanager
def _lock(name: str, message: str) -> Iterator[NameLock]:
    file = current_settings().sqlite_file
    if file:
        with locked(file.with_name(f"{file.name}.worker-{name}"), message):
            yield NameLock()
        return
    with closing(_ServersLock(name, message)) as lock:
        yield lock


class _ServersLock(NameLock):
    """A lock of PostgreSQL, which is lost with its connection."""

    def __init__(self, name: str, message: str) -> None:
        self._name = name
        self._message = message
        self._connection = _taken(name, message)

    def keep(self) -> None:
        if not self._connection.closed:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self.close()
            else:
                return
        self._connection = _taken(self._name, self._message)

    def close(self) -> None:
        if self._connection.closed:
            return
        with suppress(DBAPIError):
            self._connection.invalidate()  # else it would live on in the pool
            self._connection.close()


def _taken(name: str, message: str) -> Connection:
    """Return a connection that holds the lock of a name, which is free again when that has ended."""
    with ExitStack() as stack:
        connection = stack.enter_context(db.engine.connect())
        # In a transaction of its own, so that the connection is not taken for forgotten.
        connection.execution_options(isolation_level="AUTOCOMMIT")
        # A machine that vanishes does not close its connection: the server has to ask.
        for setting, value in {"idle": 10, "interval": 5, "count": 3}.items():
            connection.execute(text(f"SET tcp_keepalives_{setting} = {value}"))
        lock = text("SELECT pg_try_advisory_lock(:space, hashtext(:name))")
        if not connection.scalar(lock, {"space": ADVISORY_SPACE, "name": name}):
            raise ConfigurationError(message)
        stack.pop_all()
        return connection


def sign_on(name: str, provider: str | None = None) -> str:
    """Enter a worker, whose name is held, and who draws there; return its token.

    What an earlier one of that name ran is free for others at once.
    """
    token = str(ULID())
    earlier = db.session.get(Worker, name, populate_existing=True)
    if earlier is not None:
        _release(earlier.token)
        db.session.delete(earlier)
        db.session.flush()
    db.session.add(Worker(name=name, token=token, provider=provider))
    db.session.commit()
    return token


def beat(token: str, running: Collection[str]) -> bool:
    """Tell that a worker lives, and renew its leases on the generations it runs.

    False when the others took it for dead: what it runs is no longer its own.
    """
    now = utc_now()
    alive = update(Worker).where(Worker.token == token)
    if not _count(alive.values(seen_at=now, running=len(running))):
        db.session.rollback()
        return False
    if running:
        own = select(Generation.id).where(
            Generation.id.in_(running),
            Generation.runner == token,
            Generation.status == Status.RUNNING,
        )
        # Not those that somebody ends just now, or each would wait for the other.
        free = db.session.scalars(own.with_for_update(skip_locked=True)).all()
        renewed = update(Generation).where(Generation.id.in_(free))
        db.session.execute(renewed.values(lease_until=now + LEASE))
    db.session.commit()
    return True


def sign_off(token: str) -> None:
    """Strike a worker off; what it still runs is free for others at once."""
    _release(token, runner=None)  # told from what a worker ran that died
    db.session.execute(delete(Worker).where(Worker.token == token))
    db.session.commit()


@dataclass(slots=True)
class Watch:
    """Looks after the others: those whose heartbeat stands still are struck off.

    By the watcher's own clock, since those of two machines may differ.
    """

    silence_seconds: float
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[datetime, float]] = field(default_factory=dict)
    _looked: float = -math.inf

    def strike_off_the_dead(self) -> int:
        """Strike off whoever has been silent for too long; return how many."""
        rows = db.session.execute(select(Worker.token, Worker.seen_at)).all()
        db.session.rollback()
        now = self.clock()
        if now - self._looked > max(self.silence_seconds / 2, SHORTEST_BLINDNESS_SECONDS):
            # While we could not look, the database was most likely away: nobody could beat.
            self._seen = {}
        self._looked = now
        before, self._seen = self._seen, {}
        dead = 0
        for token, seen_at in rows:
            last, since = before.get(token, (None, now))
            self._seen[token] = (seen_at, since if last == seen_at else now)
            if now - self._seen[token][1] > self.silence_seconds:
                dead += _bury(token, seen_at)
        return dead


def _bury(token: str, seen_at: datetime) -> int:
    """Strike off a worker, unless it was seen meanwhile or another was quicker."""
    gone = delete(Worker).where(Worker.token == token, Worker.seen_at == seen_at)
    if not _count(gone):
        db.session.rollback()
        return 0
    _release(token)
    db.session.commit()
    return 1


def _release(token: str, **more: Any) -> None:
    """Let the leases of a worker run out now."""
    held = select(Generation.id).where(
        Generation.runner == token, Generation.status == Status.RUNNING
    )
    # In the order in which all lock them, so that no two wait for each other.
    ids = db.session.scalars(held.order_by(Generation.id).with_for_update()).all()
    db.session.execute(
        update(Generation).where(Generation.id.in_(ids)).values(lease_until=utc_now(), **more)
    )


def live_workers() -> list[Worker]:
    """Return who is at work, by name."""
    return list(db.session.scalars(select(Worker).order_by(Worker.name)))


def _count(statement: Any) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount
