"""`batches`: many prompts that were asked for as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, output_options
from app.cli.selection import TEXT

if TYPE_CHECKING:
    from app.services.batch_view import BatchView

FIELDS = (
    *("id", "status", "name", "project", "made_by", "total", "counts", "progress"),
    *("estimated_cost_usd", "cost_usd", "unpriced", "created_at", "started_at", "finished_at"),
)
BATCH = click.argument("batch_id", metavar="ID", type=TEXT)


@click.group("batches")
def command() -> None:
    """Look at batches, cancel them; `generate --file` asks for one, `--attach` follows one."""


@command.command("list")
@click.option("--project", type=TEXT, help="Whom they are for.")
@click.option("--limit", type=click.IntRange(1), help="How many at the most.  [default: 20]")
@click.option(
    "--cursor",
    help="Where to go on, as the list before told; with --json or --csv on standard error.",
)
@output_options
@with_appcontext
def list_(*, project: str | None, limit: int | None, cursor: str | None, output: Output) -> None:
    """List the batches, newest first, each as it stands.

    Example: python manage.py batches list --project acme
    """
    # These load the database, which --help does without.
    from app.cli.times import heading, read
    from app.extensions import current_settings
    from app.models.batch_pages import BatchFilter, batches_of
    from app.models.cursor import Cursor
    from app.services.batch_view import views_of
    from app.services.records import batch_record
    from app.services.schema import require_current

    require_current()
    wanted = BatchFilter(project)
    start = Cursor.decode(cursor, wanted) if cursor else None
    found = batches_of(wanted, start, limit or current_settings().page_size)
    output.rows(
        map(batch_record, views_of(found.items)),
        {
            "ID": lambda each: each["id"],
            "STATUS": lambda each: each["status"],
            "PROMPTS": lambda each: each["total"],
            "FAILED": lambda each: each["counts"]["failed"],
            "PICTURES": lambda each: f"{each['progress']['done']} of {each['progress']['total']}",
            "COST (USD)": lambda each: each["cost_usd"],
            heading("CREATED"): lambda each: read(each["created_at"]),
            "NAME": lambda each: each["name"],
        },
        fields=FIELDS,
    )
    if found.after:
        output.note(f"There are more: --cursor {found.after.encode(wanted)}")


@command.command("show")
@BATCH
@output_options
@with_appcontext
def show(batch_id: str, output: Output) -> None:
    """Show how far a batch is, what it cost so far, and how fast it goes.

    Example: python manage.py batches show 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    # As above.
    from app.services.batches import get_batch
    from app.services.schema import require_current

    require_current()
    _show(get_batch(batch_id), output)


@command.command("cancel")
@BATCH
@yes_option
@output_options
@with_appcontext
def cancel(batch_id: str, yes: bool, output: Output) -> None:
    """End all of a batch that waits or runs: no picture appears afterwards, those it has stay.

    Example: python manage.py batches cancel 01KAN4V5B6M7Q8R9S0T1V2W3X4 --yes
    """
    # As above.
    from app.services.batches import cancel_batch, get_batch
    from app.services.schema import require_current

    require_current()
    left = get_batch(batch_id).progress.left
    confirm(f"{left:,} prompts of the batch that wait or run would be cancelled.", yes=yes)
    _show(cancel_batch(batch_id), output)


@command.command("retry")
@BATCH
@output_options
@with_appcontext
def retry(batch_id: str, output: Output) -> None:
    """Ask again for all of a batch that failed or was cancelled, as a new batch.

    What may have been billed may be billed again.

    Example: python manage.py batches retry 01KAN4V5B6M7Q8R9S0T1V2W3X4
    """
    # As above.
    from app.services.batch_retry import retry_batch
    from app.services.batches import get_batch
    from app.services.schema import require_current

    require_current()
    _show(get_batch(retry_batch(batch_id).id), output)


def _show(view: BatchView, output: Output) -> None:
    from app.services.records import batch_record

    record: dict[str, Any] = batch_record(view)
    output.record(record, fields=tuple(record))
