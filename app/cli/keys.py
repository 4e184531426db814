"""`keys`: who may use the API."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.group("keys")
def command() -> None:
    """Make, list and revoke API keys."""


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
@with_appcontext
def create(name: str, role: str, requests_per_minute: int | None) -> None:
    """Make a key and print it, this once: only its hash is kept.

    Example: python manage.py keys create laptop --role creator
    """
    # These load the database, which --help does without.
    from app.models import Role
    from app.services.keys import create_key
    from app.services.schema import require_current

    require_current()
    _, token = create_key(name, Role(role), requests_per_minute)
    click.echo(token)
    click.echo("Keep it now; it cannot be shown again.", err=True)


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
        "created_at",
        "last_used_at",
        "revoked_at",
    )
    rows = [[_shown(getattr(key, column)) for column in columns] for key in list_keys()]
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


def _shown(value: object) -> object:
    from datetime import datetime

    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value
