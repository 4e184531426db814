"""`worker`: a process that draws what is queued."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.errors import ConfigurationError, ProviderNotConfigured

if TYPE_CHECKING:
    from app.services.job_queue import JobWorker
    from app.services.provider_choice import ProviderChoice


@click.command("worker")
@click.option(
    "--name", help="What it goes by, each worker its own.  [default: this machine's name]"
)
@click.option("--supervised", is_flag=True, hidden=True)  # ends when standard input is closed
@click.option("--finishes", is_flag=True, hidden=True)  # and what is under way with it, before
@click.option("--quiet", is_flag=True, hidden=True)  # of a command that speaks for it
@with_appcontext
def command(name: str | None, supervised: bool, finishes: bool, quiet: bool) -> None:
    """Run a worker alone, which draws what is queued, on a database that is up to date.

    Several share the work, on one machine or, with PostgreSQL, on many.

    Example: python manage.py worker --name worker-2
    """
    # These load the database and the job engine, which --help does without.
    from app import logs
    from app.extensions import current_settings
    from app.services.job_queue import job_queue
    from app.services.provider_choice import provider_choice
    from app.services.schema import require_current
    from app.supervisor import exit_when_supervisor_dies, when_supervisor_dies

    if supervised and not finishes:
        exit_when_supervisor_dies()
    logs.set_up(current_settings(), quiet=quiet)
    require_current()
    providers = provider_choice()
    providers.read_catalog()
    if current_settings().provider == "gemini" and (quiet or not supervised):
        _require_key(providers)  # `up` shows the history all the same
    name = name or machine()
    worker = job_queue().worker(name)
    _stop_on_signals(worker)
    if finishes:
        when_supervisor_dies(worker.stop)
    worker.run(ready=lambda: _announce(name, supervised))
    logs.tell("worker_stopped", worker=name)
    sys.stdout.flush()
    # Not by return: that would wait for the threads of what was handed back.
    os._exit(0)


def _require_key(providers: ProviderChoice) -> None:
    try:
        providers.require_here()
    except ProviderNotConfigured as error:
        raise ConfigurationError(str(error)) from error


def machine() -> str:
    """Return this machine's name, as a worker may have it."""
    return (
        re.sub(r"[^A-Za-z0-9._-]|^[^A-Za-z0-9]+", "-", socket.gethostname()).strip("-")[:50]
        or "worker"
    )


def _stop_on_signals(worker: JobWorker) -> None:
    """Finish on the first SIGINT or SIGTERM; end at once on the second."""
    signals = [0]

    def stop(_number: int, _frame: object) -> None:
        signals[0] += 1
        if signals[0] > 1:
            os._exit(1)
        worker.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _announce(name: str, supervised: bool) -> None:
    from app.logs import tell

    tell("worker_started", worker=name)
    if not supervised:
        click.echo(f"Worker {name} is at work until Ctrl-C.")
