"""What may happen to machines: servers, workers and databases that die in the middle, and updates."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Generation, Image, Role, Status, Worker
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from config import ROOT, Settings
from tests.conftest import migrate_to, postgresql
from tests.fakes.gemini_server import FakeGemini
from tests.processes import (
    PATIENCE_SECONDS,
    environment,
    free_port,
    is_alive,
    serves,
    wait_until,
)

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
Manage = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def manage() -> Iterator[Manage]:
    """Run a command of an app's owner, `manage(app, "worker")`; it is killed in the end."""
    with ExitStack() as stack:

        def begin(app: Flask, *command: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
            settings: Settings = app.config["SETTINGS"]
            more = {
                "DATABASE_URL": settings.database_url or "",
                "GEMINI_API_KEY": "x",
                "PROOFSHEET_GEMINI_BASE_URL": str(settings.gemini_base_url),
                "PROOFSHEET_WORKER_SILENCE": "3",
            }
            process = subprocess.Popen(
                [sys.executable, str(root / "manage.py"), *command],
                cwd=root,
                env=environment(settings.instance, more),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


@pytest.fixture
def app(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Iterator[Flask]:
    """An app that draws with the fake Gemini, its context pushed."""
    app = make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url)
    with app.app_context():
        yield app


def enqueue(count: int, marker: str) -> list[str]:
    service = ImageGeneratorService()
    try:
        return [service.enqueue(GenerationRequest(f"Fox {n} {marker}")).id for n in range(count)]
    finally:
        db.session.remove()


def succeeded() -> int:
    query = select(func.count()).where(Generation.status == Status.SUCCEEDED)
    try:
        return db.session.scalar(query) or 0
    finally:
        db.session.remove()


def running() -> set[str | None]:
    """Return the tokens of those who run something just now."""
    query = select(Generation.runner).where(Generation.status == Status.RUNNING)
    try:
        return set(db.session.scalars(query))
    finally:
        db.session.remove()


def ask(port: int, token: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """Ask for a picture that takes its time; raise OSError when the server dies over it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        names |= {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"prompt": "A fox [[slow 1.5]]"})
        connection.request("POST", "/api/generations", body, names)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_whose_server_was_killed_gets_the_one_generation_by_its_idempotency_key(
    app: Flask, manage: Manage, fake_gemini: FakeGemini
) -> None:
    _, token = create_key("Ada", Role.CREATOR)
    port = free_port()
    server = manage(app, "serve", "--port", str(port))
    manage(app, "worker")
    assert wait_until(lambda: serves(port))
    asking = threading.Thread(target=lambda: _expect_death(port, token))
    asking.start()
    assert wait_until(lambda: fake_gemini.requests), "accepted, and not answered yet"
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    server.kill()
    asking.join()
    assert wait_until(lambda: not any(is_alive(int(each)) for each in children))
    port = free_port()
    manage(app, "serve", "--port", str(port))
    assert wait_until(lambda: serves(port))
    status, generation = ask(port, token, Prefer="wait=20", Idempotency_Key="one")
    assert (status, generation["status"]) == (201, "succeeded")
    assert db.session.scalars(select(Generation.id)).all() == [generation["id"]]
    assert (len(fake_gemini.requests), len(generation["images"])) == (1, 1)


def _expect_death(port: int, token: str) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(port, token, Prefer="wait=20", Idempotency_Key="one")


@ON_POSTGRESQL
def test_what_a_killed_worker_ran_finishes_on_another(
    app: Flask, manage: Manage, fake_gemini: FakeGemini
) -> None:
    enqueue(10, "[[slow 0.6]]")
    first = manage(app, "worker", "--name", "one")
    assert wait_until(running)
    [token] = running()
    manage(app, "worker", "--name", "two")
    first.kill()
    assert wait_until(lambda: succeeded() == 10)
    names = db.session.scalars(select(Worker.name)).all()
    assert (names, running() - {token}) == (["two"], set())
    kept = db.session.execute(select(Image.generation_id, Image.ordinal)).all()
    assert len(kept) == len(set(kept)) == 10


def test_jobs_that_wait_while_the_code_is_updated_run_on_the_new_version(
    app: Flask, manage: Manage, tmp_path: Path
) -> None:
    enqueue(2, "")
    updated = tmp_path / "updated"
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, updated / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.py", "manage.py"):
        shutil.copy(ROOT / name, updated / name)
    turn = updated / "app" / "services" / "turn.py"
    turn.write_text(turn.read_text() + "\nNEW = 'what was not there when they were enqueued'\n")
    worker = updated / "app" / "jobs" / "worker.py"
    change = ("draw(generation_id, DBOS.workflow_id)", "draw(str(generation_id), DBOS.workflow_id)")
    assert change[0] in worker.read_text()
    worker.write_text(worker.read_text().replace(*change))
    manage(app, "worker", root=updated)
    assert wait_until(lambda: succeeded() == 2)


def test_nothing_is_lost_while_postgresql_is_restarted(
    manage: Manage, fake_gemini: FakeGemini, tmp_path: Path
) -> None:
    with postgresql() as server, ExitStack() as stack:
        settings = Settings(
            instance=tmp_path,
            database_url=server.get_uri(),
            gemini_api_key="x",  # type: ignore[arg-type]
            gemini_base_url=fake_gemini.url,  # type: ignore[arg-type]
        )
        migrate_to(settings.database_url, settings.instance)
        app = create_app(settings)
        with app.app_context():
            stack.callback(db.engine.dispose)
            enqueue(8, "[[slow 1]]")
            worker = manage(app, "worker")
            assert wait_until(lambda: len(fake_gemini.requests) >= 8)
            _restart(server)
            db.engine.dispose()
            assert wait_until(lambda: succeeded() == 8)
            assert len(fake_gemini.requests) == 8, "none was drawn again"
            assert worker.poll() is None


def _restart(server: Any) -> None:
    """End a PostgreSQL at once, as a machine that is switched off, and start it again."""
    process = server.get_pid()
    os.kill(process, signal.SIGQUIT)
    assert wait_until(lambda: not is_alive(process))
    server.ensure_postgres_running()
