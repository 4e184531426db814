"""`copy`: everything into another database."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app.cli.stages import stages


@click.command("copy")
@click.option(
    "--to",
    "url",
    required=True,
    metavar="URL",
    help="postgresql://USER@HOST/NAME or sqlite:///FILE; - reads it from standard input.",
)
@with_appcontext
def command(url: str) -> None:
    """Copy everything into an empty database of either kind, ids and all, and check it.

    Nobody may work on this one meanwhile. Broken off, the same command goes on where it stood. Then
    `manage.py config set DATABASE_URL` has the copy used.

    Example: python manage.py copy --to postgresql://proofsheet@localhost/proofsheet
    """
    # These load the database, which --help does without.
    from app.cli.check import look_at_all
    from app.cli.output import Output
    from app.services.copy import copy_to
    from app.services.other_database import app_on, holds_password
    from app.services.schema import require_current

    require_current()
    if holds_password(url):
        raise click.UsageError(
            "The address holds a password, which everybody here could see. Give it on standard input "
            "with --to -, or leave the password to PGPASSWORD or ~/.pgpass."
        )
    target = app_on(sys.stdin.readline().strip() if url == "-" else url)
    rows = copy_to(target, stages())
    click.echo(f"Copied {rows:,} rows.")
    with target.app_context():
        look_at_all(Output())
