"""Real processes of the command line, for tests of what only processes can show."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from config import ROOT

PATIENCE_SECONDS = 30


def free_port() -> int:
    """Return a port that nobody serves on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(instance: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment with an instance of its own (the developer's is hidden already).

    And without a line in the log for each request: a pipe that nobody reads would fill up.
    """
    ours = {"PROOFSHEET_INSTANCE": str(instance), "PROOFSHEET_LOG_LEVEL": "warning"}
    return {**os.environ, **ours, **(more or {})}


def manage(
    instance: Path, *arguments: str, more: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment(instance, more),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


class Up:
    """A running `manage.py up`."""

    def __init__(
        self, instance: Path, port: int, *options: str, log: Path | None = None, **more: str
    ) -> None:
        self.instance = instance
        self.port = port
        with log.open("w") if log else nullcontext(subprocess.STDOUT) as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(port), *options],
                env=environment(instance, more),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self.banner = self._read_banner()

    def _read_banner(self) -> str:
        assert self.process.stdout
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Stop with"):
                break
        return "".join(lines)

    @property
    def key(self) -> str:
        return (self.instance / "admin.key").read_text().strip()

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Send one request with the admin key; return status and JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(
                method,
                path,
                body=None if body is None else json.dumps(body),
                headers={
                    "Authorization": f"Bearer {self.key}",
                    "Content-Type": "application/json",
                    **headers,
                },
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def answers(self) -> bool:
        """Tell whether requests are answered; a socket may outlive its process by a moment."""
        try:
            return self.ask("GET", "/healthz")[0] == http.client.OK
        except (OSError, http.client.HTTPException):
            return False

    def draw(self, prompt: str, **headers: str) -> tuple[int, dict[str, Any]]:
        """Ask for one picture and wait for it."""
        return self.ask("POST", "/api/generations", {"prompt": prompt}, Prefer="wait=30", **headers)

    def descendants(self) -> list[int]:
        """Return the ids of all processes below this one."""
        return below(self.process.pid)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@contextmanager
def running(instance: Path, *options: str, log: Path | None = None, **more: str) -> Iterator[Up]:
    """Run `manage.py up` while inside; with `log`, what it logs goes into that file."""
    up = Up(instance, free_port(), *options, log=log, **more)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.stop()


def wait_until(condition: Any) -> bool:
    """Return whether `condition()` became true in good time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def is_alive(process: int) -> bool:
    """Tell whether a process runs (one that ended but was not fetched yet does not)."""
    try:
        return not re.search(
            r"^State:\s+Z", Path(f"/proc/{process}/status").read_text(), re.MULTILINE
        )
    except FileNotFoundError:
        return False


def serves(port: int) -> bool:
    """Tell whether anybody answers on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def below(process: int) -> list[int]:
    """Return the ids of all processes below one."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in map(int, children) for each in (child, *below(child))]
