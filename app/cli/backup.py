"""`backup`: the database as it is now, in a file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option


@click.command("backup")
@click.argument("path", type=click.Path(path_type=Path))
@yes_option
@with_appcontext
def command(path: Path, yes: bool) -> None:
    """Write the database as it is now to the file PATH, while others use it.

    It is read through before it gets its name, and only its owner may read it. PostgreSQL needs its
    pg_dump and pg_restore.

    Example: python manage.py backup proofsheet.backup
    """
    # These load the database, which --help does without.
    from app.services.backup.taking import back_up
    from app.services.schema import require_current

    require_current()
    if path.is_file():
        confirm(f"{path} is there and would be replaced.", yes=yes)
    facts = back_up(path)
    held = "" if facts.images is None else f", with {facts.told_images}"
    click.echo(f"{path}: {path.stat().st_size:,} bytes{held}, checked.")
    click.echo(
        "The settings (env), catalog.toml and the secret in the instance folder are not in it.",
        err=True,
    )
