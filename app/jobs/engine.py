"""The client's side of the job engine: jobs are added, taken back and looked for.

A job is no more than the id of a generation: the generation's row says what is to be done, who does
it and how far it is. DBOS keeps the queue, in tables of its own beside ours.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Engine, NullPool, column, create_engine, event, table, update
from sqlalchemy.orm import Session
from ulid import ULID

from app.extensions import db
from app.jobs.tables import SCHEMA, VERSIONS, recorded_version
from app.models import Generation

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

    from app.jobs.worker import Worker

APPLICATION = "proofsheet"
# Always the same: jobs that wait while we are updated run on the new version. Their only argument is
# an id, so that nothing in them grows old.
APPLICATION_VERSION = "1"
QUEUE = "generations"
WORKFLOW = "generate"
# Of the jobs of batches: others, whose priority is 0, are begun before them.
AFTER_OTHERS = 10
# The states of a job that will still run, or runs.
WAITING = ["ENQUEUED", "DELAYED"]
ACTIVE = [*WAITING, "PENDING"]
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
MIGRATION_BUSY_MILLISECONDS = 30_000


class JobEngine:
    """The job queue of one app, on the app's own database and connections."""

    schema = SCHEMA

    def __init__(self, app: Flask) -> None:
        """Take the app; load nothing and open no connection yet."""
        self._app = app
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None
        self._migrated = False

    def enqueue(self, session: Session, generation: Generation, delay: float = 0) -> None:
        """Add a job that runs a generation, in the session's transaction. See `JobQueue`."""
        job = f"{generation.id}~{ULID()}"
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": job,
            "app_version": APPLICATION_VERSION,
            # Limits of the rate are for each model.
            "queue_partition_key": f"{generation.provider}/{generation.model}",
        }
        if generation.batch_id:
            options["priority"] = AFTER_OTHERS
        if delay > 0:
            options["delay_seconds"] = delay
        generation.job = job
        session.flush()
        self.client.enqueue_in_transaction(session, options, generation.id)

    def cancel(self, jobs: Sequence[str]) -> None:
        """Take jobs back. See `JobQueue`."""
        # By hand: the engine would forget when those under way were begun, by which its limits count.
        _end(jobs, WAITING, "CANCELLED", queue_name=None)

    def bury(self, jobs: Sequence[str]) -> None:
        """End the jobs of workers that are no more. See `JobQueue`."""
        _end(jobs, ["PENDING"], "ERROR")
        self.cancel(jobs)

    def waiting(self, jobs: Sequence[str]) -> set[str]:
        """Return those that will still run, or run. See `JobQueue`."""
        if not jobs:
            return set()
        found = self.client.list_workflows(
            workflow_ids=list(jobs), status=ACTIVE, load_input=False, load_output=False
        )
        return {each.workflow_id for each in found}

    def strike_orphans(self, live: Callable[[], Collection[str]]) -> None:
        """Take back the jobs of workers that are no more. See `JobQueue`."""
        begun = self.client.list_workflows(
            status="PENDING", queue_name=QUEUE, load_input=False, load_output=False
        )
        tokens = live() if begun else ()
        self.bury([each.workflow_id for each in begun if each.executor_id not in tokens])

    def ended(self, before: datetime, most: int) -> list[str]:
        """Return jobs that ended before a moment. See `JobQueue`."""
        found = self.client.list_workflows(
            status=ENDED,
            completed_before=before.isoformat(),
            limit=most,
            load_input=False,
            load_output=False,
        )
        return [each.workflow_id for each in found]

    def remove(self, jobs: Sequence[str]) -> None:
        """Remove jobs that have ended. See `JobQueue`."""
        self.client.delete_workflows(list(jobs))

    def worker(self, name: str) -> Worker:
        """Return a worker of that name. See `JobQueue`."""
        from app.jobs.worker import Worker  # with all of DBOS

        return Worker(self._app, self, name)

    def migrate(self) -> None:
        """Bring the engine's own tables up to date. See `JobQueue`."""
        if not self.is_migrated():
            with self._engine_for_migrations() as engine:
                _system_database(engine).run_migrations()

    def is_migrated(self) -> bool:
        """Tell whether the engine's tables are as it needs them. See `JobQueue`."""
        # By hand: a start that finds all in order need not load the engine.
        if not self._migrated:
            with db.engine.connect() as connection:
                self._migrated = recorded_version(connection) >= VERSIONS[db.engine.dialect.name]
        return self._migrated

    def load(self) -> None:
        """Load the engine, which takes most of a second, before the first request needs it."""
        with self._app.app_context():
            _ = self.client

    @property
    def client(self) -> DBOSClient:
        """What speaks to the engine's tables; made when it is first needed."""
        with self._lock:
            if self._client is None:
                from dbos import DBOSClient  # takes most of a second

                self._client = DBOSClient(
                    system_database_engine=db.engine,
                    dbos_system_schema=SCHEMA,
                    application_name=APPLICATION,
                    lazy=True,
                    # A request must not hang while the database is away.
                    retry_connection_errors=False,
                )
            return self._client

    @contextmanager
    def _engine_for_migrations(self) -> Iterator[Engine]:
        if db.engine.dialect.name != "sqlite":
            yield db.engine
            return
        # It begins transactions by hand, where ours have begun already.
        engine = create_engine(db.engine.url, poolclass=NullPool)
        event.listen(engine, "connect", _wait_for_others)
        try:
            yield engine
        finally:
            engine.dispose()


def _end(jobs: Sequence[str], states: Sequence[str], end: str, **more: Any) -> None:
    """End those jobs that are in one of some states; leave the others alone."""
    if not jobs:
        return
    names = ("workflow_uuid", "status", "queue_name", "completed_at", "updated_at")
    schema = SCHEMA if db.engine.dialect.name == "postgresql" else None
    rows = table("workflow_status", *map(column, names), schema=schema)
    now = round(time.time() * 1000)
    fits = rows.c.workflow_uuid.in_(jobs) & rows.c.status.in_(states)
    ended = {"status": end, "completed_at": now, "updated_at": now, **more}
    with db.engine.begin() as connection:
        connection.execute(update(rows).where(fits).values(ended))


def _wait_for_others(connection: Any, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    connection.execute(f"PRAGMA busy_timeout={MIGRATION_BUSY_MILLISECONDS}")


def _system_database(engine: Engine) -> Any:
    """Return DBOS's view of its tables: its public way to migrate takes an address as text, in
    which an SQLite file's path cannot hold every character."""
    from dbos._serialization import DefaultSerializer
    from dbos._sys_db import SystemDatabase  # with all of DBOS

    return SystemDatabase.create(
        system_database_url=f"{engine.dialect.name}://",
        engine_kwargs={},
        engine=engine,
        schema=SCHEMA,
        serializer=DefaultSerializer(),
        executor_id=None,
    )
