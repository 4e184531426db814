"""`budget`: what may be spent, and what is left."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.output import Columns, Output, output_options


@click.command("budget")
@click.option("--key", help="Of this key as well, by its name.")
@output_options
@with_appcontext
def command(key: str | None, output: Output) -> None:
    """Show the budgets of today and of this month (in UTC), in US dollars: of all together.

    PROOFSHEET_DAILY_BUDGET and PROOFSHEET_MONTHLY_BUDGET set them, `keys set` those of a key.

    Example: python manage.py budget --key laptop
    """
    # These load the database, which --help does without.
    from app.services.budgets import budgets_of
    from app.services.keys import live_key
    from app.services.records import budget_record
    from app.services.schema import require_current

    require_current()
    records = [budget_record(each) for each in budgets_of(live_key(key).id if key else None)]
    output.rows(records, _columns(), name="left_usd")


def _columns() -> Columns:
    from app.cli.times import heading, read

    return {
        "KEY": lambda each: each["key"] or "(all)",
        "PERIOD": lambda each: each["period"],
        "LIMIT": lambda each: "none" if each["limit_usd"] is None else each["limit_usd"],
        "SPENT": lambda each: each["spent_usd"],
        "RESERVED": lambda each: each["reserved_usd"],
        "LEFT": lambda each: each["left_usd"],
        heading("STARTS ANEW"): lambda each: read(each["resets_at"]),
    }
