"""What each process needs one of for itself, such as connections: sockets survive no fork."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What holds something open."""

    def close(self) -> None:
        """Let go of it."""
        ...


Held = TypeVar("Held", bound=Closable)


class PerProcess(Generic[Held]):
    """Makes one on first use, and another one after a fork. Threads may share it."""

    def __init__(self, make: Callable[[], Held]) -> None:
        """Take how one is made."""
        self._make = make
        self._lock = threading.Lock()
        self._held: tuple[int, Held] | None = None

    def get(self) -> Held:
        """Return the one of this process. Raises what making it raises."""
        with self._lock:
            if self._held is None or self._held[0] != os.getpid():
                made = self._make()
                self._held = (os.getpid(), made)
                # Held by this until the owner goes: a child must not close what its parent uses.
                weakref.finalize(self, _close, made, os.getpid())
            return self._held[1]


def _close(held: Closable, pid: int) -> None:
    if os.getpid() == pid:
        held.close()
