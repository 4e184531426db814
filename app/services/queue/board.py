"""The queue as this process last saw it, for all who look: they share what it costs to look.

However many look, and however much waits, looking takes a small part of a core: the more it took, the
longer what was seen is kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock

from app.services.queue.cards import Queue, read_queue
from app.services.queue.changes import queue_revision
from app.services.queue.usual import UsualTimes

# What was seen is good for so long at least, and for so many times what it took to see it; but nobody is
# left without news for longer than this.
_LEAST_SECONDS = 0.4
_MOST_SECONDS = 2.0
_TIMES = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """The queue, and the text that names how it looks."""

    revision: str
    queue: Queue


class Board:
    """Who has looked at the queue last."""

    def __init__(self) -> None:
        """Begin without having looked."""
        self.usual = UsualTimes()
        self._seen: Seen | None = None
        self._until = 0.0
        self._lock = Lock()

    def seen(self) -> Seen:
        """Return the queue as it is, or was a moment ago: while one looks, the others do not wait."""
        seen = self._seen
        if seen and time.monotonic() < self._until:
            return seen
        if not self._lock.acquire(blocking=seen is None):
            return seen or self.look()
        try:
            return self._look()
        finally:
            self._lock.release()

    def look(self) -> Seen:
        """Return the queue as it is now."""
        with self._lock:
            return self._look()

    def _look(self) -> Seen:
        # Of this thread's own work: on a machine that is busy with other things all takes longer.
        began = time.thread_time()
        revision = queue_revision()
        seen = self._seen
        if seen is None or seen.revision != revision:
            seen = Seen(revision, read_queue(self.usual))
        taken = time.thread_time() - began
        self._seen = seen
        self._until = time.monotonic() + max(_LEAST_SECONDS, min(_TIMES * taken, _MOST_SECONDS))
        return seen
