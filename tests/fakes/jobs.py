"""A hand-written job engine: a thread for each job, in the test's own process, and no worker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from threading import Thread

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session
from ulid import ULID

from app.models import Generation
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import JobWorker
from app.services.turn import Turn


class ThreadJobs:
    """Runs what is enqueued as soon as it is committed, without regard to delays."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads: dict[str, Thread] = {}
        self.cancelled: list[str] = []

    def enqueue(self, session: Session, generation: Generation, delay: float = 0) -> None:
        session.flush()
        job = generation.job = str(ULID())
        thread = Thread(target=self._run, args=(generation.id, job))
        self._threads[job] = thread
        event.listen(session, "after_commit", lambda _session: thread.start(), once=True)

    def cancel(self, jobs: Sequence[str]) -> None:
        self.cancelled += jobs

    def bury(self, jobs: Sequence[str]) -> None:
        """Do nothing: a thread that has ended holds no place."""

    def waiting(self, jobs: Sequence[str]) -> set[str]:
        return {job for job in jobs if self._threads[job].is_alive()}

    def strike_orphans(self, live: Callable[[], Collection[str]]) -> None:
        """Do nothing: threads die with their test."""

    def ended(self, before: datetime, most: int) -> list[str]:
        """Return none: nothing is kept of threads."""
        return []

    def remove(self, jobs: Sequence[str]) -> None:
        """Do nothing, as above."""

    def worker(self, name: str) -> JobWorker:
        raise NotImplementedError

    def migrate(self) -> None:
        """Do nothing: the database was migrated by the real engine."""

    def is_migrated(self) -> bool:
        return True

    def finish(self) -> None:
        """Wait until everything under way has ended."""
        for thread in list(self._threads.values()):
            if thread.is_alive():
                thread.join()

    def _run(self, generation_id: str, job: str) -> None:
        with self._app.app_context():
            ImageGeneratorService().run(generation_id, Turn(job, "a thread"))


def install_jobs(app: Flask) -> ThreadJobs:
    """Let everything that is enqueued in `app` be run by threads; return them."""
    jobs = ThreadJobs(app)
    app.extensions["jobs"] = jobs
    return jobs
