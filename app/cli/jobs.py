"""`jobs`: what waits and runs, from a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from app.models import Generation
    from app.services.health import WorkerState

FAILED = 1
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")
IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")
NOBODY = "No worker is alive: `manage.py up` starts one, and so does `manage.py worker`."
COLUMNS = (
    *("id", "status", "provider", "model", "done", "n", "attempts", "next_try_at", "worker"),
    *("error", "created_at", "started_at", "finished_at", "prompt"),
)


@click.group("jobs")
def command() -> None:
    """Look at generations that wait or run, cancel them, try them again."""


@command.command("list")
@click.option(
    "--status",
    type=click.Choice(["queued", "running", "succeeded", "failed", "cancelled"]),
    help="Only these.  [default: running and queued]",
)
@click.option("--model", help="Only those of one model.")
@click.option("--limit", type=click.IntRange(1), help="How many at the most.  [default: 20]")
@JSON
@click.option("--csv", "as_csv", is_flag=True, help="As CSV.")
@with_appcontext
def list_(
    status: str | None, model: str | None, limit: int | None, as_json: bool, as_csv: bool
) -> None:
    """List what runs and what waits, the oldest first; with --status those that ended, too.

    Example: python manage.py jobs list --status failed --json
    """
    # These load the database, which --help does without.
    from app.cli.table import print_csv, print_json, print_table
    from app.extensions import current_settings
    from app.models import Status
    from app.services.health import workers
    from app.services.queue_state import listed
    from app.services.schema import require_current

    require_current()
    most = limit or current_settings().page_size
    found = listed(Status(status) if status else None, model, most + 1)
    at_work = workers()
    records = [_record(row, at_work) for row in found[:most]]
    if as_json:
        print_json(records)
    elif as_csv:
        print_csv(COLUMNS, [_cells(record) for record in records])
    else:
        headings = ("ID", "STATUS", "MODEL", "DONE", "TRIES", "NEXT TRY (UTC)", "PROMPT")
        print_table(headings, [_line(row) for row in found[:most]])
        click.echo(_in_all(at_work) + (" There are more." if len(found) > most else ""))


@command.command("show")
@click.argument("generation_id", metavar="ID")
@JSON
@with_appcontext
def show(generation_id: str, as_json: bool) -> None:
    """Show how one generation stands, and what can be done.

    Example: python manage.py jobs show 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    # As above.
    from app.cli.table import print_json, print_table
    from app.services.health import workers
    from app.services.image_generator_service import ImageGeneratorService
    from app.services.queue_state import standing
    from app.services.schema import require_current

    require_current()
    generation = ImageGeneratorService().get(generation_id)
    at_work = workers()
    record = _record(generation, at_work)
    record["standing"] = standing(generation, at_work)
    if as_json:
        print_json(record)
    else:
        print_table(("FIELD", "VALUE"), list(record.items()))


@command.command("cancel")
@IDS
@with_appcontext
def cancel(ids: tuple[str, ...]) -> None:
    """Cancel generations that wait or run; no picture of theirs appears afterwards.

    Exits with 1 when one could not be cancelled; the others are.

    Example: python manage.py jobs cancel 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    # As above.
    from app.services.generation_changes import cancel_generation

    def one(generation_id: str) -> str:
        cancel_generation(generation_id)
        return f"{generation_id} is cancelled."

    _each(ids, one)


@command.command("retry")
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--batch", help="All of this batch that failed or was cancelled, as a new batch.")
@with_appcontext
def retry(ids: tuple[str, ...], batch: str | None) -> None:
    """Ask again for what failed or was cancelled; each becomes a new generation.

    Exits with 1 when one could not be tried again; the others are. What may have been billed may be
    billed again.

    Example: python manage.py jobs retry 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    if bool(ids) == bool(batch):
        raise click.UsageError("Give the ids of generations, or --batch with the id of a batch.")
    # As above.
    from app.services.batch_retry import retry_batch
    from app.services.generation_changes import retry_generation
    from app.services.health import workers

    def one(generation_id: str) -> str:
        again = retry_generation(generation_id).id
        return f"{generation_id} is tried again as {again}."

    if batch:
        new = retry_batch(batch)
        click.echo(f"{new.total:,} of batch {batch} are tried again as batch {new.id}.")
    else:
        _each(ids, one)
    if not any(each.alive for each in workers()):
        click.echo(NOBODY, err=True)


@command.command("workers")
@JSON
@with_appcontext
def workers_(as_json: bool) -> None:
    """List the workers. Exits with 1 when none is alive.

    Example: python manage.py jobs workers
    """
    # As above.
    from app.cli.table import print_json, print_table
    from app.services.health import workers
    from app.services.records import timestamp
    from app.services.schema import require_current

    require_current()
    records = [
        {
            "name": each.name,
            "alive": each.alive,
            "running": each.running,
            "started_at": timestamp(each.started_at),
            "silent_seconds": round(each.silent_seconds, 1),
        }
        for each in workers()
    ]
    if as_json:
        print_json(records)
    else:
        headings = ("NAME", "ALIVE", "RUNNING", "STARTED", "SECONDS SILENT")
        print_table(headings, [list(record.values()) for record in records])
    if not any(record["alive"] for record in records):
        click.echo(NOBODY, err=True)
        raise SystemExit(FAILED)


def _each(ids: tuple[str, ...], action: Callable[[str], str]) -> None:
    """Do something to each and print what was done; exit with 1 when one could not be."""
    # As above.
    from app.errors import ProofsheetError
    from app.services.schema import require_current

    require_current()
    failed = False
    for each in ids:
        try:
            click.echo(action(each))
        except ProofsheetError as error:
            failed = True
            click.echo(f"Error: {each[:40]}: {error}", err=True)
    if failed:
        raise SystemExit(FAILED)


def _record(generation: Generation, at_work: list[WorkerState]) -> dict[str, Any]:
    from app.services.queue_state import runner
    from app.services.records import generation_record

    return {**generation_record(generation), "worker": runner(generation, at_work)}


def _cells(record: dict[str, Any]) -> list[object]:
    progress, error = record["progress"], record["error"]
    flat = {**record, "done": progress["done"], "error": error and error["code"]}
    return [flat[column] for column in COLUMNS]


def _line(row: Generation) -> tuple[object, ...]:
    from app.cli.table import shorten

    return (
        row.id,
        row.status.value,
        row.model,
        f"{row.done} of {row.n}",
        row.attempts,
        f"{row.next_try_at:%Y-%m-%d %H:%M:%S}" if row.next_try_at else "",
        shorten(row.prompt, 40),
    )


def _in_all(at_work: list[WorkerState]) -> str:
    """Return how many there are of all, in a sentence."""
    from app.models import Status
    from app.services.queue_state import depths

    found = depths()
    running, queued = (
        sum(each.count for each in found if each.status == status)
        for status in (Status.RUNNING, Status.QUEUED)
    )
    alive = sum(each.alive for each in at_work)
    return f"In all {running:,} running, {queued:,} queued; workers alive: {alive}."
