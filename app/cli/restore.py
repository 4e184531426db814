"""`restore`: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option


@click.command("restore")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@yes_option
@with_appcontext
def command(path: Path, yes: bool) -> None:
    """Put the backup PATH in the place of the database, once all of it was read.

    Nothing else may use the database. What was there is kept in a file beside it; on PostgreSQL it
    is gone, unless you back it up first.

    Example: python manage.py restore proofsheet.backup
    """
    # These load the database, which --help does without.
    from app.services.backup.restoring import look_at, restore, what_is_there

    look_at(path)
    there = what_is_there()
    if there:
        confirm(f"There is {there}, which {path} would replace.", yes=yes)
    done = restore(path)
    if done.before:
        click.echo(f"What was there is in {done.before}.")
    click.echo(f"The history is back: {done.facts.told_images}.")
    if done.facts.unended:
        click.echo(
            f"{done.facts.unended:,} generations were waiting or being drawn when this was backed up, "
            "and will be drawn (again). `manage.py jobs list` shows them, `jobs cancel` ends them."
        )
