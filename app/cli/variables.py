"""`--var NAME=VALUE`: what a template is filled with."""

from __future__ import annotations

import click

from app.cli.selection import TEXT

variable_option = click.option(
    "--var",
    "variables",
    type=TEXT,
    multiple=True,
    metavar="NAME=VALUE",
    help="For the template. Repeatable.",
)


def pairs(variables: tuple[str, ...]) -> dict[str, str]:
    """Return the values by name. Raises click.UsageError for what is written otherwise, or twice."""
    found = dict(pair.partition("=")[::2] for pair in variables)
    if len(found) < len(variables) or not all("=" in pair for pair in variables):
        raise click.UsageError("Write each variable once, as --var NAME=VALUE.")
    return found
