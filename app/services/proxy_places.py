"""How many answers of a provider one server process passes on at once."""

from __future__ import annotations

from threading import BoundedSemaphore, Condition
from typing import cast

from flask import current_app

from app.errors import Busy

MOST = 32
MOST_WAITING = 16
WAIT_SECONDS = 2.0
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
        self._waiting = BoundedSemaphore(waiting)
        self._seconds = seconds
        self._unsaved = BoundedSemaphore(unsaved)
        self._changed = Condition()

    def take(self) -> Place:
        """Take a place, or wait a little for one. Raises Busy."""
        if not self._unsaved.acquire(blocking=False):
            raise _busy()
        try:
            self._take()
        except BaseException:
            self._unsaved.release()
            raise
        return Place(self)

    def _take(self) -> None:
        with self._changed:
            if self._free:
                self._free -= 1
                return
        if not self._waiting.acquire(blocking=False):
            raise _busy()
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: self._free > 0, self._seconds):
                    raise _busy()
                self._free -= 1
        finally:
            self._waiting.release()

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def _saved(self) -> None:
        self._unsaved.release()


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
