"""`images`: the history, from a terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click
from flask.cli import with_appcontext


@click.group("images")
def command() -> None:
    """Look at the pictures that were kept, and remove for good what was deleted."""


_AGE = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


class Age(click.ParamType[timedelta]):
    """A span of time such as 12h, 30d or 8w."""

    name = "age"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Return the span that a text tells."""
        found = _AGE.fullmatch(str(value))
        if not found:
            self.fail(f"{value!r} is no age: write 12h, 30d or 8w.", param, ctx)
        return timedelta(hours=int(found[1]) * _HOURS[found[2]])


@command.command("list")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1))
@click.option("--per-page", type=click.IntRange(1), help="Entries of a page.  [default: 20]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def list_(page: int, per_page: int | None, as_json: bool) -> None:
    """List the pictures, newest first.

    Example: python manage.py images list --page 2
    """
    # These load the database, which --help does without.
    from app.cli.table import print_json, print_table, shorten
    from app.extensions import current_settings
    from app.models.image_filter import ImageFilter
    from app.models.image_manager import ImageManager
    from app.services.records import row_record
    from app.services.schema import require_current

    require_current()
    found = ImageManager().page(ImageFilter(), page, per_page or current_settings().page_size)
    if as_json:
        print_json([row_record(row) for row in found])
        return
    rows = [
        (row.id, f"{row.created_at:%Y-%m-%d %H:%M}", row.model, shorten(row.prompt))
        for row in found
    ]
    print_table(("ID", "CREATED (UTC)", "MODEL", "PROMPT"), rows)
    click.echo(f"Page {page} of {max(found.pages, 1)}, {found.total} in all.")


@command.command("show")
@click.argument("image_id", type=int)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def show(image_id: int, as_json: bool) -> None:
    """Show all that is known of one picture.

    Example: python manage.py images show 1 --json
    """
    # As above.
    from app.cli.table import print_json, print_table
    from app.models.image_manager import ImageManager
    from app.services.records import image_record
    from app.services.schema import require_current

    require_current()
    record = image_record(ImageManager().get(image_id))
    if as_json:
        print_json(record)
    else:
        print_table(("FIELD", "VALUE"), list(record.items()))


@command.command("purge")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that are deleted.")
@click.option("--older-than", "age", type=Age(), help="All that were deleted so long ago: 30d.")
@click.option(
    "--forget",
    is_flag=True,
    help="Erase their words too, unless a picture that stays was made with them.",
)
@click.option("--yes", is_flag=True, help="Do it; without this, only say how many there are.")
@with_appcontext
def purge(
    ids: tuple[int, ...], everything: bool, age: timedelta | None, forget: bool, yes: bool
) -> None:
    """Remove deleted pictures for good, and give their room back to the disk.

    Example: python manage.py images purge --older-than 30d --yes
    """
    # As above.
    from app.services.purge import purge_images, trash
    from app.services.schema import require_current

    require_current()
    if (bool(ids), everything, age is not None).count(True) != 1:
        raise click.UsageError("Give ids, or --all, or --older-than.")
    chosen = list(ids) or trash(datetime.now(UTC) - age if age else None)
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
