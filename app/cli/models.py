"""`models`: what can draw, and for how much."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.output import Output, Record, output_options


@click.command("models")
@output_options
@with_appcontext
def command(output: Output) -> None:
    """List the models with their prices, as they are with the instance's own catalog.toml.

    Example: python manage.py models
    """
    # These load the database, which --help does without.
    from app.services.model_records import model_records
    from app.services.schema import require_current

    require_current()
    output.rows(
        model_records(),
        {
            "NAME": lambda each: each["name"],
            "PROVIDER": lambda each: each["provider"],
            "HERE": _use,
            "USD A PICTURE": lambda each: _prices(each["prices_usd"]),
        },
        name="name",
    )


def _use(record: Record) -> str:
    if record["default"]:
        return "default"
    return "usable" if record["usable"] else ""


def _prices(prices: dict[str, float | None]) -> str:
    told = (f"{size} {'unpriced' if usd is None else f'{usd:g}'}" for size, usd in prices.items())
    return ", ".join(told)
