"""`housekeeping`: what workers do now and then, by hand."""

from __future__ import annotations

import math

import click
from flask.cli import with_appcontext


@click.command("housekeeping")
@click.argument("tasks", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Only tell how much there is to do.")
@with_appcontext
def command(tasks: tuple[str, ...], dry_run: bool) -> None:
    """Remove what is of no more use: all that the settings ask for, or the TASKS named.

    Example: python manage.py housekeeping --dry-run
    """
    # These load the database, which --help does without.
    from app.services.housekeeping import wanted_tasks
    from app.services.schema import require_current

    require_current()
    wanted = {task.name: task for task in wanted_tasks()}
    if unknown := set(tasks).difference(wanted):
        names = ", ".join(wanted)
        raise click.UsageError(f"There is no task {min(unknown)!r} here; there are {names}.")
    for name in tasks or wanted:
        task = wanted[name]
        if dry_run:
            click.echo(f"{name}: {task.count():,} {task.what}")
        else:
            removed, _ = task.run(math.inf)
            click.echo(f"{name}: {removed:,} {task.what} removed")
