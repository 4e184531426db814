"""`restore`: a backup in the place of the database."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.stages import stages

SHOWN = 5


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--incomplete", is_flag=True, help="Take it though pictures are lost or damaged.")
@yes_option
@with_appcontext
def command(path: Path, incomplete: bool, yes: bool) -> None:
    """Put the backup PATH, a file or a folder, in the place of the database, and check it.

    All of it is read before anything is touched, and each picture held against its sha256. Nothing else
    may use the database. With SQLite, what was there is kept in a file beside it; with PostgreSQL it is
    gone, so back it up first.

    Example: python manage.py restore backups/
    """
    # These load the database, which --help does without.
    from app.cli.check import look_at_all
    from app.cli.output import Output
    from app.errors import Conflict
    from app.services.backup.restoring import look_at, restore, what_is_there

    facts = look_at(path, stages())
    if facts.lost and not incomplete:
        first = ", ".join(map(str, sorted(set(facts.lost))[:SHOWN]))
        raise Conflict(
            f"{len(facts.lost):,} pictures or thumbnails in {path} are missing or damaged (images "
            f"{first}). --incomplete restores all else."
        )
    there = what_is_there()
    if there:
        confirm(f"There is {there}, which {path} would replace.", yes=yes)
    done = restore(path, stages(), incomplete=incomplete)
    if done.before:
        click.echo(f"What was there is in {done.before}.")
    click.echo(f"The history is back: {done.facts.told_images}.")
    if done.facts.unended:
        click.echo(
            f"{done.facts.unended:,} generations were waiting or being drawn when this was backed up, "
            "and will be drawn (again). `manage.py jobs list` shows them, `jobs cancel` ends them."
        )
    look_at_all(Output())
