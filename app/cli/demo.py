"""`demo`: a history to look at, and its removal."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option


@click.command("demo")
@click.option(
    "--images", default=500, show_default=True, type=click.IntRange(1, 20_000), help="How many."
)
@click.option("--seed", default=1, show_default=True, help="Another number, another history.")
@click.option("--remove", is_flag=True, help="Remove all that was made so, and nothing else.")
@yes_option
@with_appcontext
def command(images: int, seed: int, remove: bool, yes: bool) -> None:
    """Make a believable history of 90 days from sketches, so that there is something to look at.

    All of it says that it is made up: its people are called "… (demo)", its models "demo-…". Their
    costs are counted by reports, but by no budget.

    Example: python manage.py demo --images 500
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.services.bring_up import prepare_instance
    from app.services.schema import require_current

    if remove:
        require_current()
        _remove(yes=yes)
    else:
        prepare_instance(current_settings())
        _make(images, seed, yes=yes)


def _make(images: int, seed: int, *, yes: bool) -> None:
    # As above.
    from app.services.demo import history_is_empty, make_demo

    if not history_is_empty():
        confirm(
            f"Adds {images:,} sketches to a history that is not empty; reports count them until "
            "`demo --remove`.",
            yes=yes,
        )
    made = 0
    try:
        with click.progressbar(
            length=images, label="Painting", file=sys.stderr, hidden=not sys.stderr.isatty()
        ) as bar:
            for number in make_demo(images, seed):
                bar.update(number)
                made += number
    except KeyboardInterrupt:
        click.echo(
            "\nStopped half-way: `manage.py demo --remove` takes back what is kept.", err=True
        )
        raise
    click.echo(f"{made:,} sketches kept, over 90 days. `manage.py demo --remove` takes them back.")


def _remove(*, yes: bool) -> None:
    # As above.
    from app.services.demo import demo_keys, remove_demo

    if demo_keys():
        confirm("Removes the demo for good.", yes=yes)
    removed = remove_demo()
    click.echo(f"{removed.images:,} sketches and {removed.generations:,} generations removed.")
