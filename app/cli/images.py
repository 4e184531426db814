"""`images`: the history, from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
from flask.cli import with_appcontext

from app.cli.image_archive import export, import_
from app.cli.image_changes import delete, favourite, note, project, purge, restore, tag
from app.cli.image_files import add, open_picture, save
from app.cli.output import Output, output_options
from app.cli.selection import Selection, selection_options


@click.group("images")
def command() -> None:
    """Look at the pictures that were kept, mark them, delete them, bring them back, add your own."""


@command.command("list")
@selection_options
@click.option(
    "--sort",
    type=click.Choice(["newest", "oldest"]),
    help="Which come first.  [default: newest]",
)
@click.option("--page", type=click.IntRange(1), help="The number of a page.  [default: 1]")
@click.option("--per-page", type=click.IntRange(1), help="Entries of a page.  [default: 20]")
@click.option("--limit", type=click.IntRange(1), help="So many in place of a page, however many.")
@click.option(
    "--cursor",
    help="Where to go on, as the list before told; with --json or --csv on standard error.",
)
@output_options
@with_appcontext
def list_(
    *,
    selection: Selection,
    sort: Literal["newest", "oldest"] | None,
    page: int | None,
    per_page: int | None,
    limit: int | None,
    cursor: str | None,
    output: Output,
) -> None:
    """List the pictures, newest first.

    Example: python manage.py images list -q "red fox" --since 7d --favourite
    """
    # These load the database, which --help does without.
    from app.cli.image_list import print_page, print_some
    from app.services.schema import require_current

    if (page or per_page) and (limit or cursor):
        raise click.UsageError("Give either --page and --per-page, or --limit and --cursor.")
    require_current()
    wanted = selection.filter(sort=sort)
    if limit or cursor:
        print_some(wanted, (selection, sort), cursor, limit, output)
    else:
        print_page(wanted, page or 1, per_page, output)


@command.command("show")
@click.argument("image_id", metavar="ID", type=int)
@click.option("--open", "opens", is_flag=True, help="Show the picture in this system's viewer.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Save it there too.")
@output_options
@with_appcontext
def show(image_id: int, opens: bool, out: Path | None, output: Output) -> None:
    """Show all that is known of one picture.

    Example: python manage.py images show 1 --open
    """
    # As above.
    from app.models.image_manager import ImageManager
    from app.services.records import image_record
    from app.services.schema import require_current

    require_current()
    image = ImageManager().get(image_id)
    saved = {"saved_to": save(image, out)} if out else {}
    output.record({**image_record(image), **saved})
    if opens:
        open_picture(image)


@command.command("lineage")
@click.argument("image_id", metavar="ID", type=int)
@output_options
@with_appcontext
def lineage(image_id: int, output: Output) -> None:
    """Show what a picture was made from and what was made from it, over all steps.

    Example: python manage.py images lineage 17
    """
    # As above.
    from app.cli.image_list import columns
    from app.models.lineage import lineage_of
    from app.services.records import row_record
    from app.services.schema import require_current

    require_current()
    found = lineage_of(image_id)
    sides = {"ancestor": found.ancestors[::-1], "itself": [found.image]}
    sides["descendant"] = found.descendants
    records = [{**row_record(row), "lineage": side} for side, rows in sides.items() for row in rows]
    output.rows(records, {"LINEAGE": lambda each: each["lineage"], **columns()})
    if not found.complete:
        output.note("There are more.")


for each in (add, delete, export, favourite, import_, note, project, purge, restore, tag):
    command.add_command(each)
