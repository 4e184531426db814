"""When each page that watches the queue is to look again: soon if few do, in turn if many do.

Each look costs about a thousandth of a second, whatever goes on; so the more pages are open, the longer
each of them waits, and all together take a few hundredths of a core, however many they are.
"""

from __future__ import annotations

import time
from threading import Lock

# While something goes on, and else; in seconds.
WHILE_ACTIVE = 0.7
WHILE_IDLE = 5.0
# So many looks a second, of all pages together, in one server process.
MOST_A_SECOND = 16


class Pace:
    """Gives out the moments at which pages look again, no more of them than can be afforded."""

    def __init__(self) -> None:
        """Begin with no page."""
        self._last = {True: 0.0, False: 0.0}
        self._lock = Lock()

    def pause(self, *, active: bool) -> float:
        """Return how many seconds a page that looks now is to wait."""
        now = time.monotonic()
        with self._lock:
            soonest = now + (WHILE_ACTIVE if active else WHILE_IDLE)
            self._last[active] = max(soonest, self._last[active] + 1 / MOST_A_SECOND)
            return self._last[active] - now
