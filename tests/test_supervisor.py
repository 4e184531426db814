"""Processes that start, stop and die together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from app.errors import ConfigurationError
from app.supervisor import accepts_connections, require_free_port
from config import ROOT
from tests.processes import free_port, is_alive, wait_until

# A child that does not end when it is asked to.
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('here', flush=True); time.sleep(60)"
)


def supervise(child: str, grace_seconds: float = 5) -> subprocess.Popen[str]:
    """Run a supervisor over one Python child; it restarts quickly."""
    program = (
        "import sys; from app import logs; from app.supervisor import Supervisor; "
        "from config import Settings; logs.set_up(Settings()); "
        f"command = [sys.executable, '-c', {child!r}]; "
        f"supervisor = Supervisor([command], {grace_seconds}, restart_seconds=0.01); "
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
