"""Somebody who draws: the workers that there are, or one of our own."""

from __future__ import annotations

import logging
import threading

from app.cli.own_worker import OwnWorker
from app.errors import ConfigurationError
from app.logs import tell


class Work:
    """Sees to it that somebody draws what is asked for.

    A worker of our own is started once it is needed. It ends by itself when this process has ended,
    however that was; it finishes what is under way before.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._worker = OwnWorker("mcp", "--finishes")
        self._lock = threading.Lock()

    def look_after(self) -> None:
        """Start a worker where there is none, and again when it died. Needs an app context."""
        with self._lock:
            try:
                self._worker.look_after()
            except ConfigurationError as error:
                # What was asked for is kept and waits; the next look may find somebody.
                tell("no_worker", level=logging.ERROR, message=str(error))
