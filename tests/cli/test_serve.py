"""`manage.py serve`, the web server alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from app import create_app
from app.extensions import db
from app.models import Generation, Image
from config import ROOT, Settings
from tests.conftest import dispose, key_of_each, locked
from tests.fakes.gemini_server import FakeGemini
from tests.processes import (
    below,
    environment,
    free_port,
    is_alive,
    manage,
    serves,
    wait_until,
)

MODEL = "gemini-nano-banana-2.1"


@contextmanager
def serving(instance: Path, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `manage.py serve` while inside; `more` are settings."""
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment(instance, more)) as server:
        try:
            assert wait_until(lambda: serves(port))
            yield server
        finally:
            server.terminate()


def test_on_a_database_that_is_not_up_to_date_it_exits_with_2(instance: Path) -> None:
    done = manage(instance, "serve", "--port", str(free_port()))
    assert done.returncode == 2
    assert "manage.py up" in done.stderr
    assert list(instance.iterdir()) == []


def test_it_serves_until_it_is_told_to_stop_and_exits_with_0(laid_out: Path) -> None:
    with serving(laid_out, free_port()) as server:
        server.terminate()
        assert server.wait(30) == 0


def test_told_to_stop_it_first_keeps_what_a_program_is_being_given(
    laid_out: Path, fake_gemini: FakeGemini
) -> None:
    app = create_app(Settings(instance=laid_out), serves=False)
    key = key_of_each(app)["creator"]
    upstream = {"GEMINI_API_KEY": "a-key", "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url}
    port = free_port()
    with serving(laid_out, port, **upstream) as server, ThreadPoolExecutor() as pool:
        answer = pool.submit(proxied, port, key, "A fox [[slow 1]]")
        assert wait_until(lambda: bool(fake_gemini.requests))
        server.terminate()
        with locked(laid_out):  # it has its answer all the same
            assert answer.result() == fake_gemini.last_body
        assert server.wait(30) == 0
    with app.app_context():
        assert db.session.query(Generation).one().status == "succeeded"
        assert db.session.query(Image).count() == 1
    dispose(app)


def proxied(port: int, key: str, prompt: str) -> bytes:
    """Ask for a picture as Google's client does; return the body of the answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"contents": [{"parts": [{"text": prompt}]}]})
    headers = {"x-goog-api-key": key}
    connection.request("POST", f"/gemini/v1/models/{MODEL}:generateContent", body, headers)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def test_kill_9_leaves_no_worker_behind(laid_out: Path) -> None:
    port = free_port()
    with serving(laid_out, port) as server:
        workers = below(server.pid)
        server.send_signal(signal.SIGKILL)
        assert workers
        assert wait_until(lambda: not any(map(is_alive, workers)))
    assert wait_until(lambda: not serves(port))  # a process is gone a little before its sockets


def test_beyond_this_machine_it_needs_to_know_its_public_address(instance: Path) -> None:
    done = manage(instance, "serve", "--host", "0.0.0.0", "--port", str(free_port()))
    assert done.returncode == 2
    assert "PROOFSHEET_PUBLIC_URL" in done.stderr
