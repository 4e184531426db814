"""JobEngine: jobs that are committed with their rows, and the worker that runs them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.errors import ConfigurationError, InvalidPrompt
from app.extensions import db
from app.models import Batch, Generation, Worker
from app.models.tally import tallies
from app.services.batches import submit_batch
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.tallies import CALL
from app.services.waiting import wait_for_end
from app.services.workers import ADVISORY_SPACE, name_held
from tests.fakes.providers import install
from tests.jobs.conftest import working
from tests.pictures import picture
from tests.processes import PATIENCE_SECONDS, wait_until

LONG = 30
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def enqueue(prompt: str = "A fox", **fields: object) -> Generation:
    return ImageGeneratorService().enqueue(GenerationRequest(prompt, **fields))  # type: ignore[arg-type]


def jobs() -> int:
    """Return how many jobs the engine holds, as another connection sees it."""
    table = "workflow_status" if db.engine.dialect.name == "sqlite" else "dbos.workflow_status"
    with db.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608


def generations() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Generation)) or 0


def test_a_generation_and_its_job_are_committed_together(context: Flask) -> None:
    row = enqueue()
    assert (row.status, row.lease_until, generations(), jobs()) == ("queued", None, 1, 1)
    assert row.job is not None
    assert job_queue().waiting([row.job]) == {row.job}


def test_a_rollback_leaves_neither(context: Flask) -> None:
    row = ImageGeneratorService().draft(GenerationRequest("A fox"))
    db.session.add(row)
    job_queue().enqueue(db.session(), row)
    db.session.rollback()
    assert (generations(), jobs()) == (0, 0)


def test_what_is_refused_leaves_neither(context: Flask) -> None:
    with pytest.raises(InvalidPrompt):
        enqueue(" ")
    db.session.rollback()
    assert (generations(), jobs()) == (0, 0)


def test_a_cancelled_job_waits_no_more(context: Flask) -> None:
    row = enqueue()
    assert row.job is not None
    db.session.commit()
    job_queue().cancel([row.job])
    assert job_queue().waiting([row.job]) == set()
    job_queue().cancel([])


def test_a_worker_draws_what_is_queued_and_leaves_nothing_behind(context: Flask) -> None:
    provider = install(context)
    before = [enqueue(f"Fox {number}").id for number in range(2)]
    with working(context):
        after = enqueue("One more", n=2).id
        assert all(wait_for_end(each, LONG) for each in [*before, after])
    rows = [ImageGeneratorService().get(each) for each in [*before, after]]
    assert [(row.status, row.done, row.attempts) for row in rows] == [
        ("succeeded", 1, 1),
        ("succeeded", 1, 1),
        ("succeeded", 2, 1),
    ]
    assert len(provider.requests) == 4
    assert db.session.scalars(select(Worker)).all() == []
    assert sum(count for key, count, _ in tallies() if key.name == CALL) == 4


def test_what_is_under_way_is_finished_before_it_stops(context: Flask) -> None:
    drawing, finish = threading.Event(), threading.Event()

    def draw() -> bytes:
        drawing.set()
        assert finish.wait(LONG)
        return picture()

    install(context, draw)
    generation_id = enqueue().id
    with working(context):
        assert drawing.wait(LONG)
        threading.Timer(0.1, finish.set).start()
    db.session.rollback()
    assert ImageGeneratorService().get(generation_id).status == "succeeded"


def test_a_name_is_held_by_one_worker_and_free_afterwards(context: Flask) -> None:
    with working(context, "worker-1"):
        refused = pytest.raises(ConfigurationError, match="--name")
        with refused, name_held("worker-1"):
            pass
    with name_held("worker-1"), name_held("worker-2"):
        pass


HOLDERS = (
    f"FROM pg_locks WHERE locktype = 'advisory' AND classid = {ADVISORY_SPACE} AND database ="  # noqa: S608
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def lose_name() -> None:
    """End the connection that holds a worker's name."""
    end = text(f"SELECT pg_terminate_backend(pid) {HOLDERS} AND granted")
    with db.engine.connect() as connection:
        assert connection.scalars(end).all() == [True]


def somebody_waits() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) {HOLDERS} AND NOT granted")) == 1


@ON_POSTGRESQL
def test_a_name_that_is_lost_with_its_connection_is_taken_again(context: Flask) -> None:
    with name_held("worker-1") as name:
        lose_name()
        name.keep()
        with pytest.raises(ConfigurationError, match="at work"), name_held("worker-1"):
            pass
        name.keep()
    with name_held("worker-1"):
        pass


@ON_POSTGRESQL
def test_a_worker_whose_name_another_took_ends(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(worker_silence=2)
    take = text("SELECT pg_advisory_lock(:space, hashtext('worker-1'))")

    def be_next() -> None:
        with app.app_context(), db.engine.connect() as connection:
            connection.execute(take, {"space": ADVISORY_SPACE})
            worker.join(PATIENCE_SECONDS)

    with app.app_context():
        install(app)
        with working(app) as worker:
            another = threading.Thread(target=be_next)
            another.start()
            assert wait_until(somebody_waits)
            lose_name()
            another.join()
            assert not worker.is_alive()
    assert "worker_name_taken" in caplog.messages


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65, "-x"])
def test_a_name_that_does_not_fit_is_refused(context: Flask, name: str) -> None:
    with pytest.raises(ConfigurationError, match="name"), name_held(name):
        pass


def test_no_more_pictures_of_a_model_than_the_limit_are_begun(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(pictures_per_minute=3)
    with app.app_context():
        provider = install(app)
        ids = [enqueue(n=2).id for _ in range(3)]
        with working(app):
            assert wait_until(lambda: drawn() == 3)
        assert (len(provider.requests), drawn()) == (3, 3)
        rows = [ImageGeneratorService().get(each) for each in ids]
        assert {"queued"} <= {row.status.value for row in rows} <= {"queued", "succeeded"}


def test_what_somebody_waits_for_is_drawn_before_batches(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_running=1)
    with app.app_context():
        provider = install(app)
        batch = submit_batch([GenerationRequest(f"Batch {number}") for number in range(3)])
        enqueue("Now")
        with working(app):
            assert wait_until(lambda: drawn() == 4)
            assert wait_until(lambda: ended(batch.id))
        assert (provider.requests[0].prompt, len(provider.requests)) == ("Now", 4)


def ended(batch_id: str) -> bool:
    with db.engine.connect() as connection:
        query = select(Batch.finished_at).where(Batch.id == batch_id)
        return connection.scalar(query) is not None


def drawn() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(select(func.sum(Generation.done))) or 0
