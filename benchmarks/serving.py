"""Servers of our own on loopback, started for a benchmark and ended with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from config import ROOT

THREADS = "64"  # as `manage.py serve` has


@contextmanager
def serving(command: list[str], port: int, more: Mapping[str, str]) -> Iterator[int]:
    """Run a server until the end; yield its process id once it takes connections."""
    environment = {**os.environ, **more}
    # Its log is written, as an owner's is, but not to our terminal.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) as server:
        try:
            _wait_for(port)
            yield server.pid
        finally:
            server.terminate()


def manage(port: int) -> list[str]:
    """Return the command that serves as an owner would."""
    return [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]


def granian(app: str, port: int) -> list[str]:
    """Return the command that serves another WSGI app on the same web server."""
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", THREADS]
    return [sys.executable, "-m", "granian", *options, "--no-log", app]


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory(pid: int) -> tuple[float, float]:
    """Return the megabytes of a process and its children: their own, and pages of files.

    The latter are the mapped database; the kernel takes them back whenever it needs the space.
    """
    found = [memory_of(each) for each in (pid, *_children(pid))]
    return sum(own for own, _ in found), sum(mapped for _, mapped in found)


def memory_of(pid: int) -> tuple[float, float]:
    """Return the same of one process."""
    own = _kilobytes(pid, "RssAnon") + _kilobytes(pid, "RssShmem")
    return own / 1024, _kilobytes(pid, "RssFile") / 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time of one process so far, in all its threads."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def cpu_seconds_of_all(pid: int) -> float:
    """Return the processor time of a process and its children so far."""
    return sum(map(cpu_seconds, (pid, *_children(pid))))


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [*found, *(each for child in found for each in _children(child))]


def _kilobytes(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def _wait_for(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            time.sleep(1)  # the worker loads the app after the socket is there
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")
