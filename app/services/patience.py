"""What has been paid for is saved even if the database is away for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.services.database_trouble import trouble_of

Result = TypeVar("Result")
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 3.0


def patiently(action: Callable[[], Result], seconds: float) -> Result:
    """Return what `action` does, tried again while the database is away, full or locked.

    `action` must bear to be repeated: its commit may have been done although nobody said so. Raises
    the database's error after `seconds`.
    """
    until = time.monotonic() + seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return action()
        except DBAPIError as error:
            db.session.rollback()
            if trouble_of(error) is None or time.monotonic() + pause > until:
                raise
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
