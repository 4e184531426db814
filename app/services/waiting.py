"""Requests that wait until a generation has ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import cast

from flask import current_app
from sqlalchemy import select

from app.errors import Busy
from app.extensions import db
from app.models import Generation
from app.services.giving_up import ended_or_given_up

# How often a waiting request looks: soon at first, for sketches; then seldom enough for many.
FIRST_LOOK_SECONDS = 0.03
SLOWEST_LOOK_SECONDS = 0.3


class Waiters:
    """The places to wait of one server process."""

    def __init__(self, most: int) -> None:
        """Take how many requests may wait at once."""
        self._places = BoundedSemaphore(most)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Hold a place while inside, for those who ask for nothing that they could not wait for.

        Raises Busy when all are taken.
        """
        if not self._places.acquire(blocking=False):
            raise Busy("As many wait for pictures already as can; ask again soon.")
        try:
            yield Place()
        finally:
            self._places.release()

    def wait(self, generation_id: str, seconds: float) -> bool | None:
        """Wait until a generation has ended, at most `seconds`; holds no connection between looks.

        True when it has ended. None when nobody waited for it: too many wait already.
        """
        if not self._places.acquire(blocking=False):
            return _has_ended(generation_id) or None
        try:
            return _look_until(generation_id, time.monotonic() + seconds)
        finally:
            self._places.release()


class Place:
    """A place among those who wait, which somebody holds."""

    def wait(self, generation_id: str, seconds: float) -> bool:
        """Wait until a generation has ended, at most `seconds`, and tell whether it has.

        No connection is held between looks.
        """
        return _look_until(generation_id, time.monotonic() + seconds)

    def wait_unless_put_off(self, generation_id: str, seconds: float) -> bool:
        """Do so; what the provider puts off for too long ends now. See `ended_or_given_up`."""
        return _look_until(generation_id, time.monotonic() + seconds, ended_or_given_up)


def waiters() -> Waiters:
    """Return the waiters of the current app."""
    return cast(Waiters, current_app.extensions["waiters"])


def wait_for_end(generation_id: str, seconds: float) -> bool | None:
    """Do so in the current app."""
    return waiters().wait(generation_id, seconds)


def _has_ended(generation_id: str) -> bool:
    status = db.session.scalar(select(Generation.status).where(Generation.id == generation_id))
    db.session.remove()
    return status is None or status.ended


def _look_until(
    generation_id: str, deadline: float, is_over: Callable[[str], bool] = _has_ended
) -> bool:
    pause = FIRST_LOOK_SECONDS
    while not is_over(generation_id):
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(pause * 1.3, SLOWEST_LOOK_SECONDS)
    return True
