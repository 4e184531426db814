"""`copy`: everything into another database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from flask import Flask


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
    from app.services.schema import require_current

    require_current()
    target = _app_on(sys.stdin.readline().strip() if url == "-" else url)
    rows = copy_to(target, _tell if sys.stderr.isatty() else lambda *_: None)
    click.echo(f"Copied {rows:,} rows.")
    with target.app_context():
        look_at_all(Output())


def _app_on(url: str) -> Flask:
    """Return an app with the settings of the current one, on another database."""
    from pydantic import ValidationError

    from app import create_app  # as above
    from app.errors import InvalidInput
    from app.extensions import current_settings
    from config import Settings

    try:
        settings = Settings.model_validate({**current_settings().model_dump(), "database_url": url})
    except ValidationError as error:
        raise InvalidInput(
            "--to must look like sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    return create_app(settings, serves=False)


def _tell(table: str, done: int, total: int) -> None:
    end = "\n" if done >= total else ""
    click.echo(f"\r\x1b[K{table}: {done:,} of {total:,}{end}", err=True, nl=False)
