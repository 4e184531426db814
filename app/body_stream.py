"""Bodies as they come in: each read waits for the client, so only so many threads read at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import IO

from flask import Flask, current_app, g, request

from app.errors import Busy

# Of a server's 120 threads: the others answer what needs no body, however slowly clients send theirs.
MOST_READING = 48
# Of those: anybody can send forms to log in, or to a page that was shared.
MOST_READING_WITHOUT_A_KEY = 16


def init_app(app: Flask) -> None:
    """Have all bodies read in turns. Before all else that may read one."""
    app.extensions["body_turns"] = BodyTurns()
    app.before_request(_take_turns)


class BodyTurns:
    """Places for threads that wait for bytes of a client."""

    def __init__(
        self, most: int = MOST_READING, without_a_key: int = MOST_READING_WITHOUT_A_KEY
    ) -> None:
        """`most` in all, and how many of them for those who came `without_a_key`."""
        self._all = BoundedSemaphore(most)
        self._without_a_key = BoundedSemaphore(without_a_key)

    @contextmanager
    def one(self, *, has_key: bool) -> Iterator[None]:
        """Hold a place. Raises Busy at once where there is none."""
        if has_key:
            with _held(self._all):
                yield
        else:
            with _held(self._without_a_key), _held(self._all):
                yield


class BodyStream:
    """What the server gives to read a body from; it counts what was taken."""

    def __init__(self, stream: IO[bytes], turns: BodyTurns) -> None:
        """Read from `stream`, and hold one of `turns` each time."""
        self._stream = stream
        self._turns = turns
        self._ended = False
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises Busy."""
        with self._turns.one(has_key="key_holder" in g):
            data = self._stream.read(size)
        self.taken += len(data)
        self._ended = not data
        return data

    def is_read(self) -> bool:
        """Tell whether nothing is left of the body of the current request."""
        said = request.content_length
        if said is None:
            return self._ended or "Transfer-Encoding" not in request.headers
        return self.taken >= said


def of_request() -> BodyStream:
    """Return the stream of the current request."""
    stream: BodyStream = request.environ["wsgi.input"]
    return stream


def _take_turns() -> None:
    turns = current_app.extensions["body_turns"]
    request.environ["wsgi.input"] = BodyStream(request.environ["wsgi.input"], turns)


@contextmanager
def _held(places: BoundedSemaphore) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise Busy("Too many requests are being sent slowly; send this one again.", retry_after=2)
    try:
        yield
    finally:
        places.release()
