"""`keys`: who may use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, json_option, output_options
from app.cli.selection import TEXT

if TYPE_CHECKING:
    from app.models import ApiKey


@click.group("keys")
def command() -> None:
    """Make, list, change and revoke API keys."""


@command.command("create")
@click.argument("name", type=TEXT)
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
@click.option("--json", "as_json", is_flag=True, help="What is known of it too, as JSON.")
@with_appcontext
def create(
    *,
    name: str,
    role: str,
    requests_per_minute: int | None,
    daily_budget: str,
    monthly_budget: str,
    as_json: bool,
) -> None:
    """Make a key and print it, this once: only its hash is kept.

    Example: python manage.py keys create laptop --role creator
    """
    # These load the database, which --help does without.
    from app.cli.table import print_json
    from app.models import Role
    from app.services.budgets import microusd
    from app.services.keys import KeyBudgets, create_key
    from app.services.records import key_record
    from app.services.schema import require_current

    require_current()
    budgets = KeyBudgets(microusd(daily_budget), microusd(monthly_budget))
    key, token = create_key(name, Role(role), requests_per_minute, budgets)
    if as_json:
        print_json({**key_record(key), "token": token})
    else:
        click.echo(token)
    click.echo("Keep it now; it cannot be shown again.", err=True)


@command.command("set")
@click.argument("name", type=TEXT)
@click.option(
    "--daily-budget", metavar="USD", help="Most that it may spend in a day (UTC); none lifts it."
)
@click.option("--monthly-budget", metavar="USD", help="The same in a month.")
@json_option
@with_appcontext
def set_(name: str, daily_budget: str | None, monthly_budget: str | None, as_json: bool) -> None:
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
    _tell(key, f"The budgets of {name}: {told}.", as_json=as_json)


@command.command("list")
@output_options
@with_appcontext
def list_(output: Output) -> None:
    """List the keys by name, with their role and last use; never the keys themselves.

    Example: python manage.py keys list
    """
    # As above.
    from app.cli.times import heading, read
    from app.services.keys import list_keys
    from app.services.records import key_record
    from app.services.schema import require_current

    require_current()
    output.rows(
        map(key_record, list_keys()),
        {
            "NAME": lambda each: each["name"],
            "PREFIX": lambda each: each["prefix"],
            "ROLE": lambda each: each["role"],
            "A MINUTE": lambda each: each["requests_per_minute"],
            "DAILY USD": lambda each: each["daily_budget_usd"],
            "MONTHLY USD": lambda each: each["monthly_budget_usd"],
            heading("LAST USED"): lambda each: read(each["last_used_at"]),
            heading("REVOKED"): lambda each: read(each["revoked_at"]),
        },
        name="name",
    )


@command.command("login")
@click.argument("name", type=TEXT, required=False)
@click.option("--url", help="Address of the server.  [default: as the settings have it]")
@with_appcontext
def login(name: str | None, url: str | None) -> None:
    """Print a link that logs a browser in with a key, an admin's if none is named.

    It works once, within ten minutes. The code in it, behind the #, does as well where a link cannot
    be opened.

    Example: python manage.py keys login laptop --url http://127.0.0.1:8080
    """
    # As above.
    from app.extensions import current_settings
    from app.services.keys import live_key
    from app.services.login_links import address_here, login_link
    from app.services.schema import require_current

    require_current()
    key_id = live_key(name).id if name else None
    click.echo(login_link(url or address_here(current_settings()), key_id))


@command.command("revoke")
@click.argument("name", type=TEXT)
@yes_option
@json_option
@with_appcontext
def revoke(name: str, yes: bool, as_json: bool) -> None:
    """Revoke a key by its name; it works no longer from the next request on.

    Example: python manage.py keys revoke laptop --yes
    """
    # As above.
    from app.services.keys import live_key, revoke_key
    from app.services.schema import require_current

    require_current()
    live_key(name)
    confirm(f"The key {name} would work no longer, for good.", yes=yes)
    key = revoke_key(name)
    _tell(key, f"{name} is revoked.", as_json=as_json)


def _tell(key: ApiKey, text: str, *, as_json: bool) -> None:
    """Tell what was done to a key: in a sentence, or as what is known of it now."""
    from app.cli.table import print_json
    from app.services.records import key_record

    if as_json:
        print_json(key_record(key))
    else:
        click.echo(text)
