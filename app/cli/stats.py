"""`stats`: one screen of what is there."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.output import Output, output_options

UNITS = "bytes", "kB", "MB", "GB", "TB"
STEP = 1_000


@click.command("stats")
@output_options
@with_appcontext
def command(output: Output) -> None:
    """Show how much there is: images, generations, prompts, bytes, what the month has cost.

    Example: python manage.py stats --json
    """
    # These load the database, which --help does without.
    from app.services.schema import require_current
    from app.services.stats import what_is_there

    require_current()
    found = what_is_there()
    if output.is_for_people:
        found |= {name: _readable(found[name]) for name in ("database_bytes", "picture_bytes")}
    output.record(found, name="images")


def _readable(number: int) -> str:
    """Return a number of bytes as people say it: 12.3 MB."""
    value, unit = float(number), 0
    while value >= STEP and unit < len(UNITS) - 1:
        value, unit = value / STEP, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if unit else f"{number} bytes"
