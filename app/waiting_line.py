"""A line before something that one thread has at a time, with a second line for those in a hurry."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

_thread = threading.local()


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """Let this thread stand before those who have time, while inside.

    For the short writes that somebody waits for, before something that takes seconds itself.
    """
    before = getattr(_thread, "hurries", False)
    _thread.hurries = True
    try:
        yield
    finally:
        _thread.hurries = before


class WaitingLine:
    """A lock. Whoever is in a hurry has it before those who are not.

    It is free in between: a thread that runs takes it rather than await one that must wake up first,
    and that one keeps its place at the head of the line.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._lock = threading.Lock()
        self._taken = False
        self._hurrying: deque[threading.Lock] = deque()
        self._others: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Take it; False when its turn has not come within `timeout` seconds."""
        line = self._hurrying if getattr(_thread, "hurries", False) else self._others
        until = time.monotonic() + timeout
        bell = threading.Lock()  # rung by being released
        with self._lock:
            if self._takes(line):
                return True
            bell.acquire()
            line.append(bell)
        while True:
            rung = bell.acquire(timeout=max(until - time.monotonic(), 0))
            with self._lock:
                if self._takes(line):
                    line.remove(bell)
                    return True
                if not rung:
                    line.remove(bell)
                    self._ring()  # for those behind
                    return False

    def release(self) -> None:
        """Let the next one have it; from any thread."""
        with self._lock:
            self._taken = False
            self._ring()

    def _takes(self, line: deque[threading.Lock]) -> bool:
        """Take it if it is free, and nobody is in a greater hurry."""
        if self._taken or (self._hurrying and line is not self._hurrying):
            return False
        self._taken = True
        return True

    def _ring(self) -> None:
        line = self._hurrying or self._others
        if line and not self._taken and line[0].locked():
            line[0].release()
