"""`shares`: proof sheets, which show a selection to somebody without a key and take their picks."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.image_changes import IDS, WHICH
from app.cli.output import Output, output_options
from app.cli.selection import TEXT, Selection, selection_options


@click.group("shares")
def command() -> None:
    """Show pictures to somebody without a key, by a link that ends; see what they picked."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@output_options
@with_appcontext
def list_(limit: int, output: Output) -> None:
    """List the proof sheets, newest first; never their links.

    Example: python manage.py shares list
    """
    # These load the database, which --help does without.
    from app.cli.times import heading, read
    from app.services.proof_sheets import list_sheets
    from app.services.proof_sheets.records import sheet_record
    from app.services.schema import require_current

    require_current()
    output.rows(
        map(sheet_record, list_sheets(None, limit).items),
        {
            "ID": lambda each: each["id"],
            "TITLE": lambda each: each["title"],
            "STATE": lambda each: each["state"],
            "PICTURES": lambda each: each["pictures"],
            "PICKS": lambda each: each["picks"],
            "WORDS": lambda each: each["words"],
            "BY": lambda each: each["guest"],
            heading("EXPIRES"): lambda each: read(each["expires_at"]),
        },
    )


@command.command("create")
@click.argument("title", type=TEXT)
@IDS
@selection_options
@click.option("--days", type=click.IntRange(1, 365), default=14, show_default=True)
@click.option("--greeting", type=TEXT, help="Words above the pictures.")
@click.option("--prompts", is_flag=True, help="Show the prompts.")
@click.option("--downloads", is_flag=True, help="Let the pictures be saved in full.")
@with_appcontext
def create(
    *,
    title: str,
    ids: tuple[int, ...],
    selection: Selection,
    days: int,
    greeting: str | None,
    prompts: bool,
    downloads: bool,
) -> None:
    """Share pictures and print the link, this once: only its hash is kept.

    Example: python manage.py shares create "Cover, first round" --tag cover --days 7
    """
    # As above.
    from app.extensions import current_settings
    from app.models.matching import matching_ids
    from app.services.login_links import address_here
    from app.services.proof_sheets import NewSheet, make_sheet
    from app.services.proof_sheets.records import path_of
    from app.services.schema import require_current

    if bool(ids) == bool(selection):
        raise click.UsageError(WHICH)
    require_current()
    chosen = ids or matching_ids(selection.filter())
    new = NewSheet(title, chosen, days, greeting, prompts=prompts, downloads=downloads)
    _, token = make_sheet(new)
    click.echo(address_here(current_settings()) + path_of(token))
    click.echo("Send it to whoever shall look; it cannot be shown again.", err=True)


@command.command("revoke")
@click.argument("sheet_id", type=int, metavar="ID")
@yes_option
@with_appcontext
def revoke(sheet_id: int, yes: bool) -> None:
    """Have the link of a proof sheet work no longer; its picks stay.

    Example: python manage.py shares revoke 3 --yes
    """
    # As above.
    from app.services.proof_sheets import get_view, revoke_sheet
    from app.services.schema import require_current

    require_current()
    title = get_view(sheet_id).sheet.title
    confirm(f"Nobody could open the sheet {title} any more, for good.", yes=yes)
    revoke_sheet(sheet_id)
    click.echo(f"{title} is revoked.")
