"""How many answers of a provider one server process passes on at once, and saves behind them."""

from __future__ import annotations

from collections import deque
from threading import Condition, Event
from typing import cast

from flask import current_app

from app.errors import Busy

MOST = 32
# Who asks without a pause is slowed down here, and sent away where that does not help.
MOST_WAITING = 32
WAIT_SECONDS = 10.0
# Also those that came and are being saved: each holds its bytes and a thread.
MOST_UNSAVED = 64


class ProxyPlaces:
    """Places for calls under way. A call has one from before it begins until the last byte came."""

    def __init__(
        self,
        most: int = MOST,
        *,
        waiting: int = MOST_WAITING,
        seconds: float = WAIT_SECONDS,
        unsaved: int = MOST_UNSAVED,
    ) -> None:
        """`seconds`: how long one of `waiting` requests waits for a place at most."""
        self._free = most
        self._most_waiting = waiting
        self._seconds = seconds
        self._most_unsaved = unsaved
        self._unsaved = 0
        self._line: deque[Event] = deque()  # who came first is first
        self._changed = Condition()

    def take(self) -> Place:
        """Take a place, or wait for one. Raises Busy."""
        with self._changed:
            if self._is_free() and not self._line:
                self._hand_out()
                return Place(self)
            if len(self._line) >= self._most_waiting:
                raise _busy()
            turn = Event()
            self._line.append(turn)
        if not turn.wait(self._seconds):
            with self._changed:
                if not turn.is_set():
                    self._line.remove(turn)
                    raise _busy()
        return Place(self)

    def settle(self, seconds: float) -> bool:
        """Wait until no call is under way and none unsaved; False when some still are by then."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._unsaved, seconds)

    def _is_free(self) -> bool:
        return self._free > 0 and self._unsaved < self._most_unsaved

    def _hand_out(self) -> None:
        self._free -= 1
        self._unsaved += 1

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._call_next()

    def _saved(self) -> None:
        with self._changed:
            self._unsaved -= 1
            self._call_next()
            self._changed.notify_all()

    def _call_next(self) -> None:
        while self._line and self._is_free():
            self._hand_out()
            self._line.popleft().set()


class Place:
    """One place. It is given back in two steps, from any thread, each as often as one likes."""

    def __init__(self, places: ProxyPlaces) -> None:
        """Made by `ProxyPlaces.take`."""
        self._read: list[ProxyPlaces] = [places]
        self._saved: list[ProxyPlaces] = [places]

    def read(self) -> None:
        """Nothing more comes from the provider: somebody else may ask it."""
        for places in _popped(self._read):
            places._give_back()  # noqa: SLF001 - the two are one

    def saved(self) -> None:
        """All is done; nothing is held any more."""
        self.read()
        for places in _popped(self._saved):
            places._saved()  # noqa: SLF001 - the two are one


def take_place() -> Place:
    """Take one of those of the current app. Raises Busy."""
    return cast(ProxyPlaces, current_app.extensions["proxy_places"]).take()


def _popped(held: list[ProxyPlaces]) -> list[ProxyPlaces]:
    try:
        return [held.pop()]  # which one thread alone succeeds in
    except IndexError:
        return []


def _busy() -> Busy:
    return Busy(
        "As many calls as may be are under way; the same one will do shortly.", retry_after=2
    )
