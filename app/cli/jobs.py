"""`jobs`: what waits and runs, from a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.output import Columns, Output, json_option, output_options
from app.cli.selection import TEXT
from app.cli.times import Time, moment

if TYPE_CHECKING:
    from app.models import Generation
    from app.services.health import WorkerState

FAILED = 1
MOST = 100_000  # of a list, which is read at once
WORKER = "name", "alive", "running", "started_at", "silent_seconds"
IDS = click.argument("ids", type=TEXT, nargs=-1, required=True, metavar="ID...")
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
@click.option("--all", "ended_too", is_flag=True, help="Those that ended too, the newest first.")
@click.option("--model", type=TEXT, help="What draws them.")
@click.option("--provider", type=TEXT, help="Who draws them.")
@click.option("--project", type=TEXT, help="Whom they are for.")
@click.option("--batch", type=TEXT, help="The id of their batch.")
@click.option("--by", type=TEXT, help="The name of the key that asked for them.")
@click.option("--template", type=TEXT, help="The name of their template.")
@click.option("--prompt", type=TEXT, help="What was asked, exactly.")
@click.option("--since", type=Time(), help="Asked for since then: 7d, 2026-11-01, yesterday.")
@click.option("--until", type=Time(), help="Asked for before then.")
@click.option("--limit", type=click.IntRange(1, MOST), help="How many at the most.  [default: 20]")
@output_options
@with_appcontext
def list_(
    *,
    status: str | None,
    ended_too: bool,
    since: str | None,
    until: str | None,
    limit: int | None,
    output: Output,
    **labels: Any,
) -> None:
    """List what runs and what waits, the oldest first; with --status or --all what ended, too.

    Example: python manage.py jobs list --status failed --since yesterday --json
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.models import Status
    from app.models.generation_pages import GenerationFilter
    from app.services.health import workers
    from app.services.queue_state import listed
    from app.services.schema import require_current

    if status and ended_too:
        raise click.UsageError("Give either --status or --all.")
    require_current()
    wanted = GenerationFilter(
        status=Status(status) if status else None,
        since=moment(since) if since else None,
        until=moment(until) if until else None,
        **labels,
    )
    most = limit or current_settings().page_size
    found = listed(wanted, most + 1, ended_too=ended_too)
    at_work = workers()
    records = (_record(row, at_work) for row in found[:most])
    if output.form == "csv":
        records = ({**each, **_flat(each)} for each in records)
    output.rows(records, _columns(), fields=COLUMNS)
    more = " There are more." if len(found) > most else ""
    if output.is_for_people:
        output.note(_in_all(at_work) + more)
    elif more:
        output.note(more.strip())


@command.command("show")
@click.argument("generation_id", metavar="ID", type=TEXT)
@output_options
@with_appcontext
def show(generation_id: str, output: Output) -> None:
    """Show how one generation stands, and what can be done.

    Example: python manage.py jobs show 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    # As above.
    from app.models.generation_pages import images_of
    from app.services.health import workers
    from app.services.image_generator_service import ImageGeneratorService
    from app.services.queue_state import standing
    from app.services.records import row_record
    from app.services.schema import require_current

    require_current()
    generation = ImageGeneratorService().get(generation_id)
    at_work = workers()
    rows = images_of([generation]).get(generation.id, [])
    # As the API has them; people get the ids alone.
    whole = output.form == "json"
    images = [row_record(row) if whole else row.id for row in rows]
    record = {**_record(generation, at_work), "images": images}
    output.record({**record, "standing": standing(generation, at_work)})


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

    if _each(ids, one):
        raise SystemExit(FAILED)


@command.command("retry")
@click.argument("ids", type=TEXT, nargs=-1, metavar="ID...")
@click.option(
    "--batch", type=TEXT, help="All of this batch that failed or was cancelled, as a new batch."
)
@json_option
@with_appcontext
def retry(ids: tuple[str, ...], batch: str | None, as_json: bool) -> None:
    """Ask again for what failed or was cancelled; each becomes a new generation.

    Exits with 1 when one could not be tried again; the others are. What may have been billed may be
    billed again.

    Example: python manage.py jobs retry 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    if bool(ids) == bool(batch):
        raise click.UsageError("Give the ids of generations, or --batch with the id of a batch.")
    # As above.
    from app.cli.table import print_json
    from app.services.batch_retry import retry_batch
    from app.services.batches import get_batch
    from app.services.generation_changes import retry_generation
    from app.services.health import workers
    from app.services.records import batch_record, generation_record

    made: list[dict[str, Any]] = []

    def one(generation_id: str) -> str | None:
        again = retry_generation(generation_id)
        made.append(generation_record(again))
        return None if as_json else f"{generation_id} is tried again as {again.id}."

    if batch:
        new = retry_batch(batch)
        if as_json:
            print_json(batch_record(get_batch(new.id)))
        else:
            click.echo(f"{new.total:,} of batch {batch} are tried again as batch {new.id}.")
    else:
        failed = _each(ids, one)
        if as_json:
            print_json(made)
        if failed:
            raise SystemExit(FAILED)
    if not any(each.alive for each in workers()):
        click.echo(NOBODY, err=True)


@command.command("workers")
@output_options
@with_appcontext
def workers_(output: Output) -> None:
    """List the workers. Exits with 1 when none is alive.

    Example: python manage.py jobs workers
    """
    # As above.
    from app.cli.times import heading, read
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
    output.rows(
        records,
        {
            "NAME": lambda each: each["name"],
            "ALIVE": lambda each: each["alive"],
            "RUNNING": lambda each: each["running"],
            heading("STARTED"): lambda each: read(each["started_at"]),
            "SECONDS SILENT": lambda each: each["silent_seconds"],
        },
        name="name",
        fields=WORKER,
    )
    if not any(record["alive"] for record in records):
        click.echo(NOBODY, err=True)
        raise SystemExit(FAILED)


def _each(ids: tuple[str, ...], action: Callable[[str], str | None]) -> bool:
    """Do something to each and print what was done; return whether one could not be."""
    # As above.
    from app.errors import ProofsheetError
    from app.services.schema import require_current

    require_current()
    failed = False
    for each in ids:
        try:
            if told := action(each):
                click.echo(told)
        except ProofsheetError as error:
            failed = True
            click.echo(f"Error: {each[:40]}: {error}", err=True)
    return failed


def _record(generation: Generation, at_work: list[WorkerState]) -> dict[str, Any]:
    from app.services.queue_state import runner
    from app.services.records import generation_record

    return {**generation_record(generation), "worker": runner(generation, at_work)}


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Return, for a cell each, what a record has parts of."""
    progress, error = record["progress"], record["error"]
    return {"done": progress["done"], "error": error and error["code"]}


def _columns() -> Columns:
    from app.cli.table import shorten
    from app.cli.times import heading, read

    return {
        "ID": lambda each: each["id"],
        "STATUS": lambda each: each["status"],
        "MODEL": lambda each: each["model"],
        "DONE": lambda each: f"{each['progress']['done']} of {each['n']}",
        "TRIES": lambda each: each["attempts"],
        heading("NEXT TRY"): lambda each: read(each["next_try_at"]),
        "PROMPT": lambda each: shorten(each["prompt"], 40),
    }


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
