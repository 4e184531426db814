"""An answer on its way to the caller, and into the history behind its back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Protocol

from flask import Flask, json

from app.compat.gemini.errors import google_error
from app.errors import ProofsheetError
from app.services import recorded_calls
from app.services.proxy_places import Place
from app.services.recorded_calls import Call

EVENTS = "text/event-stream"


class Answer(Protocol):
    """What came of a call that succeeded, as far as it came."""

    @property
    def content_type(self) -> str:
        """Its media type, as it came."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What the caller is told of it."""
        ...

    @property
    def body(self) -> bytes:
        """All that came so far, unpacked."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes for the caller. Raises ProofsheetError where it breaks off."""
        ...


class Passing:
    """The body of a response: each chunk goes on as it comes, and what it makes up is kept.

    The response ends with the last byte: saving goes on behind it, however long that takes. When the
    caller goes away, or still reads once the provider's time is over, the rest is read all the same: it
    is paid for.
    """

    def __init__(self, app: Flask, call: Call, answer: Answer, place: Place) -> None:
        """Take what is running; from here on it is ended by `close`."""
        self._app = app
        self._call = call
        self._answer = answer
        self._place = place
        self._chunks = self._passed_on()
        self._taking = Lock()
        self._read_ahead: deque[bytes] = deque()
        self._patience: float = app.config["SETTINGS"].provider_deadline
        self._failure: ProofsheetError | None = None
        self._closed = Event()
        # A server that stops awaits threads that are no daemons, as its own are.
        self._saver = Thread(target=self._finish, name="saver", daemon=False)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks. What breaks off is told in a stream; else it is shorter than was said."""
        # Now: a server that stops may be gone as soon as its client has the last byte.
        self._has_begun()
        return self._handed_out()

    def close(self) -> None:
        """Let the rest be read, and what came be kept. The server calls it, whatever happened before.

        It may end the response only once this returns.
        """
        if self._closed.is_set():
            return
        self._closed.set()
        if not self._has_begun():
            self._finish()

    def _has_begun(self) -> bool:
        """Start the saver, once; False when there are as many threads as may be."""
        with suppress(RuntimeError):
            self._saver.start()
        return self._saver.ident is not None

    def _finish(self) -> None:
        self._closed.wait(self._patience)
        try:
            while self._reads_ahead():
                continue
        finally:
            self._place.read()
            try:
                self._keep()
            finally:
                self._place.saved()

    def _handed_out(self) -> Iterator[bytes]:
        while (chunk := self._next()) is not None:
            yield chunk

    def _next(self) -> bytes | None:
        with self._taking:
            return self._read_ahead.popleft() if self._read_ahead else next(self._chunks, None)

    def _reads_ahead(self) -> bool:
        """Take one more chunk, for a caller who is still there to find it; False at the end."""
        with self._taking:
            chunk = next(self._chunks, None)
            if chunk is not None and not self._closed.is_set():
                self._read_ahead.append(chunk)
            return chunk is not None

    def _keep(self) -> None:
        latency_ms = self._call.milliseconds()
        body, kind = self._answer.body, self._answer.content_type
        with self._app.app_context():
            recorded_calls.keep(self._call, body, kind, latency_ms, self._failure)

    def _passed_on(self) -> Iterator[bytes]:
        try:
            yield from self._answer
        except ProofsheetError as error:
            self._failure = error
            if self._is_plain_stream():
                yield _event(error)

    def _is_plain_stream(self) -> bool:
        return (
            self._answer.content_type.startswith(EVENTS)
            and "Content-Encoding" not in self._answer.headers
        )


def _event(error: ProofsheetError) -> bytes:
    problem = {"detail": str(error), "code": error.code, "status": 502}
    # What came before may have ended within a line.
    return f"\r\n\r\ndata: {json.dumps({'error': google_error(problem)})}\r\n\r\n".encode()
