"""`manage.py serve`, the web server alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import ROOT
from tests.processes import (
    below,
    environment,
    free_port,
    is_alive,
    manage,
    serves,
    wait_until,
)


@contextmanager
def serving(instance: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `manage.py serve` while inside."""
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment(instance)) as server:
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
