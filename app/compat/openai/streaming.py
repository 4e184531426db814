"""Pictures as a stream of events, each as soon as it is in the history.

No unfinished pictures are sent: no provider here has any. Between looks no connection to the database
is held, and when the client goes away its place is free; what it asked for is drawn all the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import Flask, Response, json
from flask.globals import app_ctx

from app.compat.openai.answers import Wanted, completed_event
from app.compat.openai.errors import error_of
from app.compat.openai.waiting import (
    LONGEST_WAIT_SECONDS,
    deleted,
    ended,
    live,
    still_running,
)
from app.errors import GenerationFailed, ProofsheetError
from app.logs import tell_fault
from app.services.image_generator_service import ImageGeneratorService
from app.services.waiting import Place

LOOK_SECONDS = 0.5
# So that proxies keep the connection, and we notice when nobody is there any more.
HEARTBEAT_SECONDS = 5
HEARTBEAT = ": it is being drawn\n\n"


def stream(
    place: Place, held: ExitStack, generation_id: str, wanted: Wanted, kind: str
) -> Response:
    """Answer with the events of a generation; `held` is closed when nobody reads on."""
    events = _Events(app_ctx.app, generation_id, wanted, kind)
    response = Response(events.all(place), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(held.close)
    return response


class _Events:
    """The events of one generation. Each look has a context of its own, and so lets go of its rows."""

    def __init__(self, app: Flask, generation_id: str, wanted: Wanted, kind: str) -> None:
        self._app = app
        self._id = generation_id
        self._wanted = wanted
        self._kind = kind
        self._told: set[int] = set()

    def all(self, place: Place) -> Iterator[str]:
        """Yield them as they are due, until the generation has ended."""
        try:
            yield HEARTBEAT  # with it the headers go out, and clients know that all is well
            yield from self._pictures(place)
            if failure := self._failure():
                yield _event("error", {"type": "error", "error": error_of(failure)})
        except ProofsheetError as error:
            yield _event("error", {"type": "error", "error": error_of(error)})
        except Exception as error:  # noqa: BLE001 - the status has gone out, so it is told here
            tell_fault(error, generation_id=self._id)
            yield _event("error", {"type": "error", "error": _broken()})

    def _pictures(self, place: Place) -> Iterator[str]:
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        heartbeat = time.monotonic() + HEARTBEAT_SECONDS
        over = False
        while not over:
            if time.monotonic() > deadline:
                raise still_running(self._id)
            with self._app.app_context():
                over = place.wait_unless_put_off(self._id, LOOK_SECONDS)
            while event := self._next():
                yield event
                deadline = time.monotonic() + LONGEST_WAIT_SECONDS
                heartbeat = time.monotonic() + HEARTBEAT_SECONDS
            if time.monotonic() > heartbeat:
                yield HEARTBEAT
                heartbeat = time.monotonic() + HEARTBEAT_SECONDS

    def _next(self) -> str | None:
        """Return the event of a picture that was not told of, if there is one."""
        with self._app.app_context():
            generation = ImageGeneratorService().get(self._id)
            new = next((each for each in live(generation) if each.id not in self._told), None)
            if new is None:
                return None
            self._told.add(new.id)
            told = completed_event(self._kind, generation, new, self._wanted)
            return _event(told["type"], told)

    def _failure(self) -> ProofsheetError | None:
        """Return why there are fewer pictures than were asked for, or None."""
        with self._app.app_context():
            generation = ended(self._id)
            if len(self._told) >= generation.n:
                return None
            if generation.error_code is None:
                return deleted(generation)
            return GenerationFailed(
                f"There are {len(self._told)} of {generation.n} pictures: {generation.error_message}",
                code=generation.error_code,
                generation_id=self._id,
                reason=generation.error_reason,
            )


def _broken() -> dict[str, Any]:
    message = "Something broke on our side. It has been logged."
    return {"message": message, "type": "server_error", "param": None, "code": "internal"}


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
