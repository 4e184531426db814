"""`images`: the history, from a terminal."""

from __future__ import annotations

from typing import Literal

import click
from flask.cli import with_appcontext

from app.cli.output import Output, output_options
from app.cli.selection import Selection, selection_options
from app.cli.times import Time, moment


@click.group("images")
def command() -> None:
    """Look at the pictures that were kept, and remove for good what was deleted."""


@command.command("list")
@selection_options
@click.option("--sort", type=click.Choice(["newest", "oldest"]), default="newest")
@click.option("--page", type=click.IntRange(1), help="The number of a page.  [default: 1]")
@click.option("--per-page", type=click.IntRange(1), help="Entries of a page.  [default: 20]")
@click.option("--limit", type=click.IntRange(1), help="So many in place of a page, however many.")
@click.option("--cursor", help="Where to go on, as the list before told.")
@output_options
@with_appcontext
def list_(
    *,
    selection: Selection,
    sort: Literal["newest", "oldest"],
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
@output_options
@with_appcontext
def show(image_id: int, output: Output) -> None:
    """Show all that is known of one picture.

    Example: python manage.py images show 1 --json
    """
    # As above.
    from app.models.image_manager import ImageManager
    from app.services.records import image_record
    from app.services.schema import require_current

    require_current()
    output.record(image_record(ImageManager().get(image_id)))


@command.command("purge")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that are deleted.")
@click.option("--older-than", "age", type=Time(), help="All that were deleted before then: 30d.")
@click.option(
    "--forget",
    is_flag=True,
    help="Erase their words too, unless a picture that stays was made with them.",
)
@click.option("--yes", is_flag=True, help="Do it; without this, only say how many there are.")
@with_appcontext
def purge(ids: tuple[int, ...], everything: bool, age: str | None, forget: bool, yes: bool) -> None:
    """Remove deleted pictures for good, and give their room back to the disk.

    Example: python manage.py images purge --older-than 30d --yes
    """
    # As above.
    from app.services.purge import purge_images, trash
    from app.services.schema import require_current

    require_current()
    if (bool(ids), everything, age is not None).count(True) != 1:
        raise click.UsageError("Give ids, or --all, or --older-than.")
    chosen = list(ids) or trash(moment(age) if age else None)
    if not yes:
        click.echo(f"{len(chosen)} would be removed for good; --yes does it.")
        return
    done = purge_images(chosen, forget=forget)
    click.echo(f"{done.purged} removed for good, {done.bytes_freed:,} bytes freed.")
    if done.forgotten and done.forgotten.kept_for_count:
        ids_kept = ", ".join(map(str, done.forgotten.kept_for))
        click.echo(f"Their words were kept for {done.forgotten.kept_for_count}: {ids_kept}.")
    if not done.complete:
        click.echo("Somebody reads: traces stay in SQLite's log. Do it again later.", err=True)
