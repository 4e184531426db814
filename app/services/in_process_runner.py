"""Runs generations in threads of this process, while the request that asked may wait or leave.

What runs here does not survive the process: a lease tells the others when it died.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Event, Thread

from flask import Flask

from app.errors import Busy
from app.extensions import db
from app.services.image_generator_service import ImageGeneratorService

THREAD_NAME = "generation"


@dataclass(frozen=True, slots=True)
class Run:
    """A generation under way here; `ended` is set when its thread is through with it."""

    generation_id: str
    ended: Event = field(default_factory=Event)


class InProcessRunner:
    """Starts a thread a generation, and holds the numbers of runs and of waiting requests down."""

    def __init__(self, app: Flask, max_running: int, max_waiting: int) -> None:
        """Take the app whose context the threads need, and how many may run and wait at once."""
        self._app = app
        self._places = BoundedSemaphore(max_running)
        self._waiters = BoundedSemaphore(max_waiting)

    def start(self, submit: Callable[[], str]) -> Run:
        """Call `submit`, which records a generation and returns its id, and begin to draw it.

        Raises Busy, before anything is recorded, when too many are under way; and what `submit` does.
        """
        if not self._places.acquire(blocking=False):
            raise Busy("Too many generations are under way; ask again in a few seconds.")
        try:
            run = Run(submit())
            name = f"{THREAD_NAME} {run.generation_id}"
            Thread(target=self._run, args=(run,), name=name).start()
        except BaseException:
            self._places.release()
            raise
        return run

    def wait(self, run: Run, seconds: float) -> bool:
        """Wait until `run` has ended, at most `seconds`; holds no database connection meanwhile.

        Return at once when too many wait already. True when it has ended.
        """
        if not self._waiters.acquire(blocking=False):
            return run.ended.is_set()
        try:
            db.session.remove()
            return run.ended.wait(seconds)
        finally:
            self._waiters.release()

    @staticmethod
    def finish() -> None:
        """Wait until everything under way in this process has ended."""
        for thread in threading.enumerate():
            if thread.name.startswith(THREAD_NAME):
                thread.join()

    def _run(self, run: Run) -> None:
        try:
            with self._app.app_context():
                ImageGeneratorService().run(run.generation_id)
        except Exception:
            self._app.logger.exception("generation %s broke", run.generation_id)
        finally:
            self._places.release()
            run.ended.set()
