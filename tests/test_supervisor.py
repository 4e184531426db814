"""Processes that start, stop and die together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.supervisor import accepts_connections, require_free_port, restart_pause
from config import ROOT
from tests.processes import free_port, is_alive, wait_until

# A child that does not end when it is asked to.
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('here', flush=True); time.sleep(60)"
)


def supervise(
    child: str, grace_seconds: float = 5, steady_seconds: float = 30
) -> subprocess.Popen[str]:
    """Run a supervisor over one Python child; it restarts quickly."""
    program = (
        "import sys; from app import logs; from app.supervisor import Supervisor; "
        "from config import Settings; logs.set_up(Settings()); "
        f"command = [sys.executable, '-c', {child!r}]; "
        f"supervisor = Supervisor([command], {grace_seconds}, restart_seconds=0.01, "
        f"steady_seconds={steady_seconds}); "
        "sys.exit(supervisor.run(lambda: True, lambda: print('up', flush=True)))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_child_that_will_not_start_as_things_are_ends_it_with_2() -> None:
    with supervise("raise SystemExit(2)") as supervisor:
        assert supervisor.wait(30) == 2


def test_a_child_that_dies_again_and_again_ends_it_with_1_after_some_tries() -> None:
    with supervise("print('started', flush=True); raise SystemExit(3)") as supervisor:
        stdout, stderr = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 1
    assert stdout.count("started") == 6
    assert stderr.count("starting it again") == 5


@pytest.mark.parametrize("code", [1, 2])
def test_a_child_that_ran_steadily_is_started_again_without_an_end(
    tmp_path: Path, code: int
) -> None:
    mark = tmp_path / "ran"
    # As a worker whose database is away after a while.
    child = (
        f"import pathlib, time; mark = pathlib.Path({str(mark)!r}); "
        "new = not mark.exists(); mark.touch(); print('started', flush=True); "
        f"time.sleep(1.5 if new else 0); raise SystemExit({code})"
    )
    with supervise(child, steady_seconds=1) as supervisor:
        assert supervisor.stdout
        starts = (line for line in supervisor.stdout if "started" in line)
        assert len(list(islice(starts, 8))) == 8
        supervisor.terminate()
        assert supervisor.wait(30) == 0


def test_the_pause_before_a_restart_grows_to_a_longest() -> None:
    assert [restart_pause(0.5, restarts) for restarts in (0, 1, 2, 6, 10_000)] == [
        *(0.5, 1, 2),
        *(30, 30),
    ]


def test_a_child_that_will_not_end_is_killed_after_the_grace() -> None:
    with supervise(STUBBORN, grace_seconds=0.2) as supervisor:
        started(supervisor)
        supervisor.terminate()
        assert supervisor.wait(30) == 0


def test_a_second_signal_ends_a_child_at_once() -> None:
    with supervise(STUBBORN, grace_seconds=600) as supervisor:
        started(supervisor)
        supervisor.send_signal(signal.SIGINT)
        supervisor.send_signal(signal.SIGTERM)
        assert supervisor.wait(30) == 0


def test_a_supervised_child_ends_when_its_supervisor_is_killed() -> None:
    child = (
        "import os, time; from app.supervisor import exit_when_supervisor_dies; "
        "exit_when_supervisor_dies(); print(os.getpid(), flush=True); time.sleep(60)"
    )
    with supervise(child) as supervisor:
        assert supervisor.stdout
        process = int(next(line for line in supervisor.stdout if line.strip().isdigit()))
        supervisor.kill()
    assert wait_until(lambda: not is_alive(process))


def test_a_port_is_free_until_somebody_serves_on_it() -> None:
    port = free_port()
    require_free_port("127.0.0.1", port)
    assert not accepts_connections("127.0.0.1", port)
    with closing(socket.create_server(("127.0.0.1", port))):
        assert accepts_connections("127.0.0.1", port)
        with pytest.raises(ConfigurationError, match="--port"):
            require_free_port("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "2001:db8::1"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="Cannot serve"):
        require_free_port(host, 8000)


def started(supervisor: subprocess.Popen[str]) -> None:
    """Wait until the stubborn child has said that it is there."""
    assert supervisor.stdout
    assert any("here" in line for line in supervisor.stdout)
