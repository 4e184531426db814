"""Counts by the minute in memory, with a bound on how many there are.

A file of its own, to be imported when counting begins: `limits` takes a tenth of a second.
"""

from __future__ import annotations

import threading
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter


class Counts:
    """How often something happened within the minute that began with its first time, by who did it."""

    def __init__(self, most_counted: int) -> None:
        """Count up to `most_counted` each by itself."""
        self._most_counted = most_counted
        self._storage = _Storage()
        self._strategy = FixedWindowRateLimiter(self._storage)

    def count(self, who: str, most: int) -> tuple[bool, int, float]:
        """Count once more; return whether it is within `most`, how many are left, and until when.

        The time is in seconds since 1970.
        """
        item = RateLimitItemPerMinute(most)
        within = self._strategy.hit(item, who)
        reset, remaining = self._strategy.get_window_stats(item, who)
        return within, remaining, reset

    def has_room(self) -> bool:
        """Tell whether one more can be counted by itself; forget those whose minute is over."""
        ends = self._storage.expirations
        if len(ends) >= self._most_counted:
            now = time.time()
            # In the order in which they began, and all last as long.
            for key, end in list(ends.items()):
                if end > now:
                    break
                self._storage.clear(key)
        return len(ends) < self._most_counted


class _Storage(MemoryStorage):
    """The storage of `limits` without its thread, which it starts anew at each hit that comes 10 ms
    after the last: 300 µs instead of 4. What is asked for again is forgotten in time without it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.timer.cancel()
        self.timer = _Running(0, lambda: None)


class _Running(threading.Timer):
    """A timer that need not be started."""

    def is_alive(self) -> bool:
        return True
