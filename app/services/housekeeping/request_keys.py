"""Keys of requests that are free again. Each new one sweeps some away: this is for the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.extensions import db
from app.services import idempotency
from app.services.housekeeping.task import Task

AT_ONCE = 500


def _steps() -> Iterator[int]:
    while removed := idempotency.remove_expired(AT_ONCE):
        db.session.commit()
        yield removed
    db.session.commit()


REQUEST_KEYS = Task(
    "request-keys",
    timedelta(hours=1),
    "idempotency keys that are free again",
    _steps,
    idempotency.count_expired,
)
