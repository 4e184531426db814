"""`generate --file` and `--attach`: a batch from a terminal, followed to its end."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from app.cli.own_worker import OwnWorker, anyone_at_work
from app.cli.table import print_json, shorten
from app.models import Status
from app.models.generation_pages import GenerationFilter, generations_of
from app.models.types import LONGEST_LABEL, is_label
from app.services.batch_bodies import decoded, has_columns, read_csv, read_lines, to_requests
from app.services.batch_view import BatchView
from app.services.batches import get_batch, submit_batch, watch_batch
from app.services.export import save_pictures_of_batch
from app.services.generation_request import GenerationRequest
from app.services.provider_choice import provider_choice
from app.services.records import batch_record, dollars

LOOK_SECONDS = 0.5
LINE_SECONDS = 10.0
MOST_FAILURES_TOLD = 3
DETACHED = 130  # as a shell has it for Ctrl-C
MINUTE, HOUR = 60, 3600
Tell = Callable[[BatchView], None]


def read_file(file: str, defaults: Mapping[str, Any]) -> list[GenerationRequest]:
    """Return the requests of a file of prompts; "-" is standard input.

    It is a CSV by its name, or by its first line where it has none.
    """
    with click.open_file(file, "rb") as opened:
        text = decoded(opened.read())
    is_csv = has_columns(text) if file == "-" else file.lower().endswith(".csv")
    asked = read_csv(text) if is_csv else read_lines(text)
    return to_requests(asked, defaults)


def submit_file(file: str, defaults: Mapping[str, Any]) -> str:
    """Commit the prompts of a file as a batch; return its id."""
    if not anyone_at_work():
        provider_choice().require_here()  # this command's own worker is to draw it
    label = Path(file).name[:LONGEST_LABEL]
    return submit_batch(
        read_file(file, defaults),
        name=label if file != "-" and is_label(label) else None,
        project=defaults["project"],
    ).id


def follow(batch_id: str, *, out: Path | None, as_json: bool) -> int:
    """Show how a batch goes until all of it has ended, or until Ctrl-C; return the exit code.

    At its end the pictures are also saved in a folder, if one is given.
    """
    view = get_batch(batch_id)
    counted = f"{view.batch.total:,} prompts, {view.batch.pictures:,} pictures"
    click.echo(f"Batch {batch_id}: {counted}", err=True)
    with OwnWorker() as worker:
        try:
            if view.progress.left:
                worker.look_after()
            with _display(view) as tell:
                for view in watch_batch(batch_id):
                    tell(view)
                    if view.progress.left:
                        worker.look_after()
                        time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            _say_detached(batch_id, worker, out)
            return DETACHED
    if out:
        save_pictures_of_batch(batch_id, out)
    if as_json:
        print_json(batch_record(view))
    else:
        _summarise(view)
    _tell_failures(view)
    return 0 if view.progress.counts[Status.SUCCEEDED] == view.batch.total else 1


def _display(view: BatchView) -> AbstractContextManager[Tell]:
    """Return what shows how a batch goes: a bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        return nullcontext(_Lines())
    return _Bar(view.batch.total)


class _Bar:
    """A progress bar on standard error, which leaves standard output to programs."""

    def __init__(self, total: int) -> None:
        self._bar: Any = click.progressbar(
            length=total,
            file=sys.stderr,
            width=0,
            show_eta=False,
            show_pos=True,
            item_show_func=lambda view: view and facts(view),
            update_min_steps=0,
        )

    def __enter__(self) -> Tell:
        self._bar.__enter__()
        return self._tell

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(*error)

    def _tell(self, view: BatchView) -> None:
        self._bar.update(view.progress.ended - self._bar.pos, view)


class _Lines:
    """A line at the beginning, at the end, and every ten seconds between."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, view: BatchView) -> None:
        now = time.monotonic()
        if now >= self._next or not view.progress.left:
            self._next = now + LINE_SECONDS
            click.echo(f"{view.progress.ended}/{view.batch.total}  {facts(view)}", err=True)


def facts(view: BatchView) -> str:
    """Return speed, cost so far, failures and time left of a batch, in one short line."""
    speed, left = view.pictures_per_minute, view.seconds_left
    failed = view.progress.counts[Status.FAILED]
    parts = [
        "" if speed is None else f"{speed:.1f}/min",
        _cost(view),
        f"{failed:,} failed" if failed else "",
        "" if left is None else f"{_duration(left)} left",
    ]
    return "  ".join(filter(None, parts))


def _cost(view: BatchView) -> str:
    unpriced = view.progress.unpriced
    more = f" + {unpriced:,} unpriced" if unpriced else ""
    expected = dollars(view.batch.estimated_microusd)
    of_all = f" of ${expected:.2f}" if expected else ""
    return f"${dollars(view.progress.cost_microusd):.2f}{of_all}{more}"


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"


def _say_detached(batch_id: str, worker: OwnWorker, out: Path | None) -> None:
    fate = (
        "The worker finishes what is under way (Ctrl-C again: at once); the rest waits in the database."
        if worker.runs
        else "The batch goes on."
    )
    saved = f" --out {shlex.quote(str(out))}" if out else ""
    back = f"python manage.py generate --attach {batch_id}{saved}"
    click.echo(f"\nDetached. {fate} To come back: {back}", err=True)


def _summarise(view: BatchView) -> None:
    counts, batch = view.progress.counts, view.batch
    others = [f"{counts[each]:,} {each}" for each in (Status.FAILED, Status.CANCELLED)]
    told = ", ".join([f"{counts[Status.SUCCEEDED]:,} of {batch.total:,} succeeded", *others])
    pictures = f"{view.progress.done:,} of {batch.pictures:,} pictures"
    click.echo(f"Batch {batch.id}: {told}; {pictures}, {_cost(view)}")


def _tell_failures(view: BatchView) -> None:
    failed = GenerationFilter(batch=view.batch.id, status=Status.FAILED)
    for each in generations_of(failed, None, MOST_FAILURES_TOLD).items:
        click.echo(f"Failed: {shorten(each.prompt, 40)}: {each.error_message}", err=True)
    if (more := view.progress.counts[Status.FAILED] - MOST_FAILURES_TOLD) > 0:
        click.echo(f"… and {more:,} more.", err=True)
