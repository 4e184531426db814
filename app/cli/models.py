"""`models`: what can draw, and for how much."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.command("models")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def command(as_json: bool) -> None:
    """List the models with their prices, as they are with the instance's own catalog.toml.

    Example: python manage.py models
    """
    # These load the database, which --help does without.
    from app.cli.table import print_json, print_table
    from app.services.model_records import model_records
    from app.services.schema import require_current

    require_current()
    records = model_records()
    if as_json:
        print_json(records)
        return
    rows = [
        (each["name"], each["provider"], _use(each), _prices(each["prices_usd"]))
        for each in records
    ]
    print_table(("NAME", "PROVIDER", "HERE", "USD A PICTURE"), rows)


def _use(record: dict[str, object]) -> str:
    if record["default"]:
        return "default"
    return "usable" if record["usable"] else ""


def _prices(prices: dict[str, float | None]) -> str:
    told = (f"{size} {'unpriced' if usd is None else f'{usd:g}'}" for size, usd in prices.items())
    return ", ".join(told)
