"""`budget`: what may be spent, and what is left."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.command("budget")
@click.option("--key", help="Of this key as well, by its name.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def command(key: str | None, as_json: bool) -> None:
    """Show the budgets of today and of this month (in UTC), in US dollars: of all together.

    PROOFSHEET_DAILY_BUDGET and PROOFSHEET_MONTHLY_BUDGET set them, `keys set` those of a key.

    Example: python manage.py budget --key laptop
    """
    # These load the database, which --help does without.
    from app.cli.table import print_json, print_table
    from app.services.budgets import budgets_of
    from app.services.keys import live_key
    from app.services.records import budget_record
    from app.services.schema import require_current

    require_current()
    records = [budget_record(each) for each in budgets_of(live_key(key).id if key else None)]
    if as_json:
        print_json(records)
    else:
        rows = [_cells(each) for each in records]
        print_table(("KEY", "PERIOD", "LIMIT", "SPENT", "RESERVED", "LEFT", "STARTS ANEW"), rows)


def _cells(record: dict[str, object]) -> list[object]:
    limit, left = (record[name] for name in ("limit_usd", "left_usd"))
    return [
        record["key"] or "(all)",
        record["period"],
        "none" if limit is None else limit,
        record["spent_usd"],
        record["reserved_usd"],
        "" if left is None else left,
        record["resets_at"],
    ]
