"""Somebody who draws: the workers that there are, or one of our own."""

from __future__ import annotations

import logging
import threading
import time

from app.cli.own_worker import OwnWorker
from app.errors import ConfigurationError
from app.logs import tell

# After a worker that does not start as things are.
RETRY_SECONDS = 30


class Work:
    """Sees to it that somebody draws what is asked for.

    A worker of our own is started once it is needed. It ends by itself when this process has ended,
    however that was; it finishes what is under way before.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._worker = OwnWorker("mcp", "--finishes")
        self._lock = threading.Lock()
        self._not_before = 0.0

    def look_after(self) -> None:
        """Start a worker where there is none, and again when it died. Needs an app context."""
        with self._lock:
            if time.monotonic() < self._not_before:
                return
            try:
                self._worker.look_after()
            except ConfigurationError as error:
                # What was asked for is kept and waits; a later look may find somebody.
                tell("no_worker", level=logging.ERROR, message=str(error))
                self._not_before = time.monotonic() + RETRY_SECONDS
