"""A database that is full or can only be read: a clear error, the job waits, nothing half-written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.extensions import db
from app.models import Generation, Image, Role, Status
from app.services.database_trouble import Trouble
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from tests.fakes.providers import install
from tests.jobs.conftest import working
from tests.models.samples import ON_SQLITE
from tests.pictures import noise
from tests.processes import PATIENCE_SECONDS, wait_until

Switch = Callable[[str], None]
# More than what is free in the file's last pages; of noise, so that it stays large.
LARGE = noise(256)


@pytest.fixture
def serves() -> bool:
    """One asks by HTTP."""
    return True


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An app whose worker draws one by one and looks after its jobs often; its context pushed."""
    app = make_app(worker_silence=2, max_running=1)
    with app.app_context():
        yield app


@pytest.fixture
def state(app: Flask) -> Iterator[Switch]:
    """Let the database be "full", "read-only" or "well", for each transaction from then on."""
    now = ["well"]

    def on_sqlite(connection: object, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        # One that is below the size of today means: no page more.
        cursor.execute(f"PRAGMA max_page_count={1 if now[0] == 'full' else 2**32 - 2}")
        cursor.execute(f"PRAGMA query_only={'ON' if now[0] == 'read-only' else 'OFF'}")

    def on_postgresql(connection: object) -> None:
        if now[0] == "read-only":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")  # type: ignore[attr-defined]

    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "checkout", on_sqlite)
    else:
        event.listen(db.engine, "begin", on_postgresql)

    def switch(name: str) -> None:
        db.session.remove()
        now[0] = name

    yield switch
    switch("well")


def count(what: type[Generation] | type[Image], *where: object) -> int:
    with db.engine.connect() as connection:
        query = select(func.count()).select_from(what).where(*where)  # type: ignore[arg-type]
        return connection.scalar(query) or 0


def test_a_request_to_one_that_is_read_only_is_refused_in_clear_words(
    app: Flask, state: Switch
) -> None:
    _refused(app, state, "read-only", Trouble.READ_ONLY)


@ON_SQLITE
def test_a_request_to_one_that_is_full_is_refused_in_clear_words(app: Flask, state: Switch) -> None:
    _refused(app, state, "full", Trouble.FULL)


def _refused(app: Flask, state: Switch, name: str, told: str) -> None:
    _, token = create_key("Ada", Role.CREATOR)
    state(name)
    answer = app.test_client().post(
        "/api/generations",
        # Too long for what is free in the file's last pages.
        json={"prompt": "fox " * 4_000},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 503
    assert answer.json
    assert (answer.json["code"], answer.json["detail"]) == ("database_unavailable", told)
    state("well")
    assert count(Generation) == 0


def test_what_is_drawn_and_what_waits_go_on_once_it_can_be_written_again(
    app: Flask, state: Switch
) -> None:
    _goes_on(app, state, "read-only")


@ON_SQLITE
def test_what_is_drawn_and_what_waits_go_on_once_there_is_room_again(
    app: Flask, state: Switch
) -> None:
    _goes_on(app, state, "full")


def _goes_on(app: Flask, state: Switch, name: str) -> None:
    drawing, finish = threading.Event(), threading.Event()

    def draw() -> bytes:
        drawing.set()
        assert finish.wait(PATIENCE_SECONDS)
        return LARGE

    provider = install(app, draw, LARGE)
    for prompt in ("The one under way", "The one that waits"):
        ImageGeneratorService().enqueue(GenerationRequest(prompt))
    db.session.remove()
    with working(app):
        assert drawing.wait(PATIENCE_SECONDS)
        state(name)
        finish.set()
        time.sleep(1)  # long enough for beats, polls and tries to save to fail
        assert (count(Image), len(provider.requests)) == (0, 1)
        state("well")
        assert wait_until(lambda: count(Generation, Generation.status == Status.SUCCEEDED) == 2)
    assert (count(Image), len(provider.requests)) == (2, 2)
