"""Workers as real processes: killed, stopped, and two of the same name."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Image, Worker
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from config import ROOT
from tests.fakes.gemini_server import FakeGemini
from tests.models.samples import ON_SQLITE
from tests.processes import PATIENCE_SECONDS, environment, wait_until

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def drawn_by_gemini(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Iterator[Flask]:
    """An app that draws with the fake Gemini, its context pushed."""
    app = make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url)
    with app.app_context():
        yield app


@pytest.fixture
def start(drawn_by_gemini: Flask, fake_gemini: FakeGemini) -> Iterator[Start]:
    """Start a worker on the same database as a process of its own: `start("--name", "a")`."""
    settings = drawn_by_gemini.config["SETTINGS"]
    more = {
        "DATABASE_URL": settings.database_url,
        "GEMINI_API_KEY": "x",
        "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url,
        "PROOFSHEET_MAX_RUNNING": "4",
    }
    with ExitStack() as stack:

        def begin(*options: str) -> subprocess.Popen[str]:
            worker = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "worker", *options],
                env=environment(settings.instance, more),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(worker)
            stack.callback(worker.kill)
            return worker

        yield begin


def enqueue(prompt: str, n: int = 1) -> str:
    return ImageGeneratorService().enqueue(GenerationRequest(prompt, n=n)).id


def statuses() -> Counter[str]:
    db.session.rollback()
    return Counter(each.value for each in db.session.scalars(select(Generation.status)))


def kept() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Image.id)).all())


def test_a_killed_workers_generations_go_on_and_nothing_is_drawn_twice(
    drawn_by_gemini: Flask, start: Start, fake_gemini: FakeGemini
) -> None:
    ids = [enqueue(f"Fox {number} [[slow 0.4]]", n=2) for number in range(6)]
    worker = start()
    assert wait_until(lambda: kept() >= 4)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    before = kept()
    in_flight = statuses()["running"]
    assert in_flight >= 3
    start()  # of the same name, at once
    assert wait_until(lambda: statuses() == {"succeeded": len(ids)})
    images = db.session.execute(select(Image.generation_id, Image.ordinal)).all()
    assert sorted(images) == sorted((each, ordinal) for each in ids for ordinal in (0, 1))
    assert before < len(images) == 12
    assert len(fake_gemini.requests) <= len(images) + in_flight
    interrupted = db.session.scalars(select(Generation).where(Generation.interruptions > 0)).all()
    assert len(interrupted) == in_flight
    assert all(row.cost_microusd is None for row in interrupted), "nobody knows what was billed"


def test_sigterm_finishes_what_is_under_way_and_leaves_the_rest(
    drawn_by_gemini: Flask, start: Start, fake_gemini: FakeGemini
) -> None:
    for number in range(6):
        enqueue(f"Fox {number} [[slow 0.5]]")
    worker = start()
    assert wait_until(lambda: len(fake_gemini.requests) >= 4)
    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0
    found = statuses()
    assert found["succeeded"] == len(fake_gemini.requests) == kept()
    assert found["running"] == 0
    assert db.session.scalars(select(Worker)).all() == []


@ON_SQLITE
def test_a_second_worker_of_the_same_name_exits_with_2(
    drawn_by_gemini: Flask, start: Start
) -> None:
    first = start("--name", "one")
    assert first.stdout
    assert "one" in first.stdout.readline()
    second = start("--name", "one")
    _, message = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 2
    assert "--name" in message
    assert message.count("\n") == 1
    assert first.poll() is None
