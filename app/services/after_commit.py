"""What is done as soon as a transaction has been committed, and not at all if it is not."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import db

_WAITING = "after_commit"


def after_commit(action: Callable[[], None]) -> None:
    """Call `action` once the present transaction of the session is committed.

    It must not use the session, whose transaction has ended, and should not fail: what was committed
    stays.
    """
    db.session().info.setdefault(_WAITING, []).append(action)


@event.listens_for(db.session, "after_commit")
def _run(session: Session) -> None:
    # A savepoint that is released tells so, too.
    if not session.in_nested_transaction():
        for action in session.info.pop(_WAITING, ()):
            action()


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_WAITING, None)
