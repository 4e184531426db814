"""`keys`: who may use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from app.models import ApiKey


@click.group("keys")
def command() -> None:
    """Make, list, change and revoke API keys."""


@command.command("create")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "creator", "admin"]),
    default="creator",
    show_default=True,
    help="viewer reads, creator also generates, admin does everything.",
)
@click.option(
    "--requests-per-minute",
    type=click.IntRange(1),
    help="Most that it may send.  [default: PROOFSHEET_REQUESTS_PER_MINUTE]",
)
@click.option(
    "--daily-budget", default="none", metavar="USD", help="Most that it may spend in a day (UTC)."
)
@click.option("--monthly-budget", default="none", metavar="USD", help="The same in a month.")
@with_appcontext
def create(
    name: str,
    role: str,
    requests_per_minute: int | None,
    daily_budget: str,
    monthly_budget: str,
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    Example: python manage.py keys create laptop --role creator
    """
    # These load the database, which --help does without.
    from app.models import Role
    from app.services.budgets import microusd
    from app.services.keys import KeyBudgets, create_key
    from app.services.schema import require_current

    require_current()
    budgets = KeyBudgets(microusd(daily_budget), microusd(monthly_budget))
    _, token = create_key(name, Role(role), requests_per_minute, budgets)
    click.echo(token)
    click.echo("Keep it now; it cannot be shown again.", err=True)


@command.command("set")
@click.argument("name")
@click.option(
    "--daily-budget", metavar="USD", help="Most that it may spend in a day (UTC); none lifts it."
)
@click.option("--monthly-budget", metavar="USD", help="The same in a month.")
@with_appcontext
def set_(name: str, daily_budget: str | None, monthly_budget: str | None) -> None:
    """Change what a key may spend, from the next request on; what is not given stays.

    Example: python manage.py keys set laptop --daily-budget 5 --monthly-budget none
    """
    # As above.
    from dataclasses import replace

    from app.services.budgets import microusd
    from app.services.keys import budgets_of_key, live_key, set_budgets
    from app.services.schema import require_current

    require_current()
    key = live_key(name)
    given = {"daily": daily_budget, "monthly": monthly_budget}
    changes = {period: microusd(text) for period, text in given.items() if text is not None}
    set_budgets(key, replace(budgets_of_key(key), **changes))
    told = ", ".join(f"{period} {text or 'as before'}" for period, text in given.items())
    click.echo(f"The budgets of {name}: {told}.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def list_(as_json: bool) -> None:
    """List the keys by name, with their role and last use; never the keys themselves.

    Example: python manage.py keys list
    """
    # As above.
    from app.cli.table import print_json, print_table
    from app.services.keys import list_keys
    from app.services.schema import require_current

    require_current()
    columns = (
        "name",
        "prefix",
        "role",
        "requests_per_minute",
        "daily_budget_usd",
        "monthly_budget_usd",
        "created_at",
        "last_used_at",
        "revoked_at",
    )
    rows = [[_shown(key, column) for column in columns] for key in list_keys()]
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_table([column.upper().replace("_", " ") for column in columns], rows)


@command.command("revoke")
@click.argument("name")
@with_appcontext
def revoke(name: str) -> None:
    """Revoke a key by its name; it works no longer from the next request on.

    Example: python manage.py keys revoke laptop
    """
    # As above.
    from app.services.keys import revoke_key
    from app.services.schema import require_current

    require_current()
    revoke_key(name)
    click.echo(f"{name} is revoked.")


def _shown(key: ApiKey, column: str) -> object:
    from datetime import datetime

    from app.services.records import dollars

    if column.endswith("_usd"):
        return dollars(getattr(key, column.replace("_usd", "_microusd")))
    value = getattr(key, column)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value
