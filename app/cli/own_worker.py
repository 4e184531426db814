"""A worker that a command runs for itself while nobody else is at work."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click

from app.cli.worker import machine
from app.errors import ConfigurationError
from app.services.health import workers
from app.supervisor import Child
from config import ROOT

# A worker finishes what it can within 25 seconds and hands back the rest.
GRACE_SECONDS = 35


class OwnWorker:
    """Sees to it, while inside, that somebody is at work; at the end its own worker is stopped."""

    def __init__(self, owner: str = "generate", *options: str) -> None:
        """Take whose it is, which its name tells, and more options for it; start nothing yet."""
        self._command = _command(owner, *options)
        self._child: Child | None = None

    @property
    def runs(self) -> bool:
        """Tell whether it has a worker of its own."""
        return self._child is not None

    def __enter__(self) -> OwnWorker:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let the worker finish what is under way; Ctrl-C again ends it at once."""
        if self._child is None:
            return
        until = time.monotonic() + GRACE_SECONDS
        try:
            self._child.terminate()
            while self._child.alive and time.monotonic() < until:
                time.sleep(0.05)
        except KeyboardInterrupt:
            click.echo("Stopped at once; what was under way is drawn again.", err=True)
        finally:
            self._child.kill()

    def look_after(self) -> None:
        """Start a worker where there is none, and again when it died.

        Raises ConfigurationError when it does not start as things are.
        """
        if self._child is None:
            if not anyone_at_work():
                click.echo(
                    "Nobody is at work here, so this command runs a worker itself.", err=True
                )
                self._child = Child(self._command)
        elif self._child.look_after() is not None:
            self._child.kill()
            self._child = None
            # It may be that another command was quicker.
            if not anyone_at_work():
                raise ConfigurationError("No worker can be started; see above.")


def anyone_at_work() -> bool:
    """Tell whether a worker is alive."""
    return any(each.alive for each in workers())


def _command(owner: str, *options: str) -> list[str]:
    name = f"{owner}@{machine()}"
    ours = ["--supervised", "--quiet", "--name", name]
    return [sys.executable, str(ROOT / "manage.py"), "worker", *ours, *options]
