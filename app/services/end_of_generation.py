"""The end of a generation that runs anywhere, to be waited for like an event of this process."""

from __future__ import annotations

import time
from threading import Event

from sqlalchemy import select

from app.extensions import db
from app.models import Generation

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5


class EndOfGeneration(Event):
    """Is set when the database says that a generation has ended. Needs an app context.

    No connection is held between two looks.
    """

    def __init__(self, generation_id: str) -> None:
        """Take the id of a generation that exists."""
        super().__init__()
        self._generation_id = generation_id

    def is_set(self) -> bool:
        """Look whether it has ended."""
        wanted = select(Generation.status).where(Generation.id == self._generation_id)
        status = db.session.scalar(wanted)
        db.session.remove()
        return status is None or status.ended

    def wait(self, timeout: float | None = None) -> bool:
        """Look again and again, at most so many seconds; return whether it has ended."""
        ends_at = None if timeout is None else time.monotonic() + timeout
        pause = FIRST_PAUSE_SECONDS
        while not self.is_set():
            left = pause if ends_at is None else ends_at - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        return True
