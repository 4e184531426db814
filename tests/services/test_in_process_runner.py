"""InProcessRunner: threads that draw, and requests that wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Timer

import pytest
from flask import Flask
from sqlalchemy import text

from app.errors import Busy, InvalidPrompt
from app.extensions import db
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.in_process_runner import InProcessRunner, Run
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE, generation
from tests.pictures import picture

LONG = 20


def submit(prompt: str = "A fox") -> Callable[[], str]:
    """Return what records a generation."""
    return lambda: ImageGeneratorService().submit(GenerationRequest(prompt)).id


@contextmanager
def drawing_slowly(app: Flask) -> Iterator[Event]:
    """Let the provider hold its picture back until the event is set, or at the end."""
    finish = Event()

    def draw() -> bytes:
        assert finish.wait(LONG)
        return picture()

    install(app, draw)
    try:
        yield finish
    finally:
        finish.set()


def runner(app: Flask, running: int = 1, waiting: int = 1) -> InProcessRunner:
    return InProcessRunner(app, running, waiting)


def refused(_: object = None) -> str:
    raise InvalidPrompt("The prompt is blank.")


def test_a_generation_is_drawn_while_the_request_waits(context: Flask) -> None:
    install(context)
    ours = runner(context)
    run = ours.start(submit())
    assert ours.wait(run, LONG) is True
    assert ImageGeneratorService().get(run.generation_id).status == "succeeded"


def test_the_app_has_a_runner_with_the_limits_of_its_settings(context: Flask) -> None:
    install(context)
    ours = context.extensions["runner"]
    runs = [ours.start(submit(f"Fox {number}")) for number in range(5)]
    assert all(ours.wait(run, LONG) for run in runs)


@ON_SQLITE
def test_one_who_waits_no_longer_leaves_it_running(context: Flask) -> None:
    ours = runner(context)
    with drawing_slowly(context) as finish:
        run = ours.start(submit())
        assert ours.wait(run, 0.01) is False
        assert ImageGeneratorService().get(run.generation_id).status in {"queued", "running"}
        finish.set()
        assert ours.wait(run, LONG) is True


def test_when_full_it_is_busy_before_anything_is_recorded(context: Flask) -> None:
    ours = runner(context)
    with drawing_slowly(context) as finish:
        run = ours.start(submit())
        with pytest.raises(Busy) as caught:
            ours.start(refused)
        assert caught.value.retry_after > 0
        finish.set()
        assert ours.wait(run, LONG)
    assert ours.wait(ours.start(submit()), LONG)


def test_a_refused_request_gives_its_place_back(context: Flask) -> None:
    install(context)
    ours = runner(context)
    for _ in range(3):
        with pytest.raises(InvalidPrompt):
            ours.start(refused)
    assert ours.wait(ours.start(submit()), LONG)


def test_waiting_holds_no_connection(context: Flask) -> None:
    def draw() -> bytes:
        deadline = time.monotonic() + LONG
        while db.engine.pool.checkedout() and time.monotonic() < deadline:  # type: ignore[attr-defined]
            time.sleep(0.01)
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return picture()

    held: list[int] = []
    install(context, draw)
    ours = runner(context)
    run = ours.start(submit())
    db.session.execute(text("SELECT 1"))
    assert ours.wait(run, LONG)
    assert held == [0]


@ON_SQLITE
@pytest.mark.parametrize("waiting", [0, 1])
def test_when_too_many_wait_the_next_returns_at_once(context: Flask, waiting: int) -> None:
    ours = runner(context, waiting=waiting)
    if waiting:
        ours._waiters.acquire()
    with drawing_slowly(context) as finish:
        run = ours.start(submit())
        began = time.monotonic()
        assert ours.wait(run, LONG) is False
        assert time.monotonic() - began < LONG / 4
        finish.set()
        assert run.ended.wait(LONG)
        assert ours.wait(run, LONG) is True


@ON_SQLITE
def test_a_place_to_wait_is_given_back(context: Flask) -> None:
    ours = runner(context)
    run = Run("G")
    assert [ours.wait(run, 0.001) for _ in range(3)] == [False] * 3
    run.ended.set()
    assert ours.wait(run, LONG) is True


def test_a_fault_ends_the_run_and_gives_its_place_back(
    context: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    install(context, RuntimeError("broken inside"), picture())
    ours = runner(context)
    run = ours.start(submit())
    assert ours.wait(run, LONG) is True
    assert ImageGeneratorService().get(run.generation_id).error_code == "internal"
    assert f"generation {run.generation_id} broke" in caplog.text
    assert "broken inside" in caplog.text
    assert ours.wait(ours.start(submit()), LONG)


@ON_SQLITE
def test_a_run_without_its_generation_ends_too(
    context: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    ours = runner(context)
    assert ours.wait(ours.start(lambda: "none"), LONG) is True
    assert "generation none broke" in caplog.text


@ON_SQLITE
def test_a_generation_of_another_is_left_alone(context: Flask) -> None:
    row_id = generation(status="cancelled").id
    ours = runner(context)
    assert ours.wait(ours.start(lambda: row_id), LONG) is True
    assert ImageGeneratorService().get(row_id).status == "cancelled"


@ON_SQLITE
def test_finishing_waits_for_everything_under_way(context: Flask) -> None:
    ours = runner(context, running=3)
    with drawing_slowly(context) as finish:
        runs = [ours.start(submit()) for _ in range(3)]
        Timer(0.05, finish.set).start()
        ours.finish()
        assert all(run.ended.is_set() for run in runs)
