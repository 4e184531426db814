"""How often the engine asks for work: often while many wait, seldom while none does.

A question costs four statements: asked all the time as often as short jobs need it, it would keep an
idle worker busy; asked seldom, it would leave places empty while others wait for them.
"""

from __future__ import annotations

import threading
import time

from dbos import Queue
from sqlalchemy import or_, select

from app.extensions import db
from app.models import Generation, Status
from app.models.types import utc_now

AT_REST_SECONDS = 0.22
AT_WORK_SECONDS = 0.02
# Between two looks at whether more wait.
LOOK_SECONDS = 0.2


class Pace:
    """The interval of one queue, which all workers share: what they see is the same for all."""

    def __init__(self, queue: Queue) -> None:
        """Take the queue as it was registered, at rest."""
        self._queue = queue
        self._lock = threading.Lock()
        self._at_work = False
        self._looked_at = 0.0

    def quicken(self) -> None:
        """Ask often from now on, if more wait; for the end of each job, whose place is free again."""
        with self._lock:
            if self._at_work or time.monotonic() < self._looked_at + LOOK_SECONDS:
                return
            self._looked_at = time.monotonic()
            self._at_work = _some_wait()
            if self._at_work:
                self._queue.set_polling_interval_sec(AT_WORK_SECONDS)

    def relax(self) -> None:
        """Ask seldom again, if nobody waits any more; to be called now and then."""
        with self._lock:
            # The value of the database: a worker that died may have left it so.
            if not _some_wait() and self._queue.polling_interval_sec != AT_REST_SECONDS:
                self._queue.set_polling_interval_sec(AT_REST_SECONDS)
                self._at_work = False


def _some_wait() -> bool:
    waiting = (
        Generation.status == Status.QUEUED,
        Generation.job.is_not(None),
        or_(Generation.next_try_at.is_(None), Generation.next_try_at <= utc_now()),
    )
    found = db.session.scalar(select(Generation.id).where(*waiting).limit(1)) is not None
    db.session.remove()
    return found
