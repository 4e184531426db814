"""`images`: the history, from a terminal."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.group("images")
def command() -> None:
    """Look at the pictures that were kept."""


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
