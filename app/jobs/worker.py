"""A worker: a process that runs what is queued.

DBOS hands out the jobs, each to one worker. What a worker that died has left is put back by our own
rows, not by DBOS: each start has a name of its own for DBOS, so that it never runs a job twice.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dbos import DBOS, DBOSConfig
from dbos._error import DBOSAwaitedWorkflowCancelledError
from flask import Flask

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.jobs.chores import chores
from app.jobs.engine import APPLICATION, APPLICATION_VERSION, QUEUE, WORKFLOW, JobEngine
from app.jobs.limits import limits_of, own_limit, require_same_limits
from app.jobs.pace import AT_REST_SECONDS, Pace
from app.jobs.tables import SCHEMA
from app.logs import adopt, tell, tell_fault
from app.services.batch_feed import feed_batches, finish_batches
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.provider_calls import provider_calls
from app.services.recovery import MOST_LOST, expire_waiting, requeue_abandoned, requeue_lost
from app.services.turn import Turn
from app.services.workers import NameLock, Watch, beat, live_workers, name_held, sign_off, sign_on

LONGEST_BEAT_SECONDS = 3.0
# So many may be late before the others take a worker for dead.
BEATS_OF_SILENCE = 6
ROUNDS_BETWEEN_SEARCHES = 10
# What is under way when the worker is told to stop may take so long to finish.
DRAIN_SECONDS = 25
# A worker that the others took for dead must end at once.
TAKEN_FOR_DEAD = 1

_at_work: Worker | None = None


@DBOS.workflow(name=WORKFLOW)
def _generate(generation_id: str) -> None:
    """Run one job, as DBOS calls it."""
    if _at_work is None or DBOS.workflow_id is None:
        raise RuntimeError("a job without a worker")
    _at_work.draw(generation_id, DBOS.workflow_id)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Keep out of the log that a job was taken back while it ran: somebody asked for that."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, DBOSAwaitedWorkflowCancelledError)


class Worker:
    """The one worker of this process."""

    def __init__(self, app: Flask, engine: JobEngine, name: str) -> None:
        """Take the app whose queue it works on, the queue, and the name it goes by."""
        self._app = app
        self._engine = engine
        self._name = name
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._token = ""
        silence = app.config["SETTINGS"].worker_silence
        self._watch = Watch(silence)
        self._beat_seconds = min(LONGEST_BEAT_SECONDS, silence / BEATS_OF_SILENCE)
        self._pace: Pace | None = None
        self._rounds = 1
        self._found_many = False

    def stop(self) -> None:
        """Ask it to finish what is under way and to end; from a signal or another thread."""
        self._stop.set()

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Work until `stop`; `ready` is called once it does.

        Raises ConfigurationError when a worker of the same name lives, or one with other limits over
        all workers.
        """
        with (
            self._app.app_context(),
            name_held(self._name) as name,
            chores(self._app),
            own_limit(current_settings().max_running),
            self._signed_on(),
        ):
            ready()
            while not self._stop.wait(self._beat_seconds):
                self._keep(name)
                self._look_after_all()

    def draw(self, generation_id: str, job: str) -> None:
        """Run one generation, by a job, in the calling thread."""
        with self._lock:
            self._running.add(generation_id)
        try:
            with self._app.app_context():
                ImageGeneratorService().work(generation_id, Turn(job, self._token))
                if self._pace:
                    self._pace.quicken()
        except Exception as error:
            tell_fault(error, generation_id=generation_id)
            raise
        finally:
            with self._lock:
                self._running.discard(generation_id)

    @contextmanager
    def _signed_on(self) -> Iterator[None]:
        global _at_work  # noqa: PLW0603 - DBOS, too, is one a process
        require_same_limits(self._engine.client, current_settings(), self._name)
        self._token = sign_on(self._name, ImageGeneratorService().providers.here)
        _at_work = self
        requeue_abandoned()
        self._search()
        # Before the first job: the engine's limit counts when a job begins, and the provider's when
        # it is called. The two must not lie far apart.
        ImageGeneratorService().providers.load()
        db.session.remove()
        self._launch()
        try:
            yield
        finally:
            with self._beating():
                # It takes a second's steps to see what is under way: not where nothing is.
                DBOS.destroy(workflow_completion_timeout_sec=DRAIN_SECONDS if self._running else 0)
            self._drain()
            _at_work = None

    def _launch(self) -> None:
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": APPLICATION_VERSION,
            "executor_id": self._token,
            "system_database_engine": db.engine,
            "dbos_system_schema": SCHEMA,
            "run_migrations": False,
            "log_level": "ERROR",
            # We schedule nothing with it.
            "scheduler_polling_interval_sec": 3600.0,
        }
        # Before the launch, which looks for queues once a second.
        queue = self._engine.client.register_queue(
            QUEUE, **limits_of(current_settings()), polling_interval_sec=AT_REST_SECONDS
        )
        self._pace = Pace(queue)
        DBOS(config=config)
        adopt("dbos")
        logging.getLogger("dbos").addFilter(_is_no_cancellation)
        DBOS.launch()

    def _look_after_all(self) -> None:
        """One round: tell that we live, and look after the work of those who do not."""
        try:
            self._beat()
            if self._pace:
                self._pace.relax()
            dead = self._watch.strike_off_the_dead()
            requeue_abandoned(self._token)
            feed_batches()
            finish_batches()
            if dead or self._found_many or self._rounds % ROUNDS_BETWEEN_SEARCHES == 0:
                self._search()
            self._rounds += 1
            provider_calls().book()
        except Exception as error:  # noqa: BLE001 - it is told
            # The database is away; the next round may find it.
            tell_fault(error, worker=self._name)
        finally:
            db.session.remove()

    def _keep(self, name: NameLock) -> None:
        """Hold on to the name; end in good order if another has it by now."""
        try:
            name.keep()
        except ConfigurationError as error:
            tell("worker_name_taken", level=logging.ERROR, worker=self._name, message=str(error))
            self._stop.set()
        except Exception as error:  # noqa: BLE001 - it is told
            # The database is away; the next round may find it.
            tell_fault(error, worker=self._name)

    def _beat(self) -> None:
        with self._lock:
            running = tuple(self._running)
        if not beat(self._token, running):
            tell("worker_taken_for_dead", level=logging.ERROR, worker=self._name)
            os._exit(TAKEN_FOR_DEAD)

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Tell that we live while inside, from a thread, so that nobody takes over what we finish."""
        ended = threading.Event()

        def beats() -> None:
            with self._app.app_context():
                while not ended.wait(self._beat_seconds):
                    try:
                        self._beat()
                    except Exception as error:  # noqa: BLE001 - it is told
                        tell_fault(error, worker=self._name)
                    finally:
                        db.session.remove()

        thread = threading.Thread(target=beats, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _search(self) -> None:
        """Look for what slipped through: seldom needed, and slower than a round."""
        job_queue().strike_orphans(lambda: [each.token for each in live_workers()])
        self._found_many = requeue_lost() >= MOST_LOST
        expire_waiting()
        ImageGeneratorService().fail_interrupted()

    def _drain(self) -> None:
        """Hand back what is still under way, and leave."""
        sign_off(self._token)
        requeue_abandoned()
        provider_calls().book()
        db.session.remove()
