"""`db`: the schema, by hand."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option


@click.group("db")
def command() -> None:
    """Migrate the database by hand; `manage.py up` does it by itself."""


@command.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the schema up to date; a copy of an SQLite file that holds data is kept first.

    Example: python manage.py db upgrade
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings
    from app.services import schema
    from app.services.instance import make_instance

    make_instance(current_settings())
    copy = schema.upgrade()
    click.echo("The database is up to date." + (f" A copy is {copy}." if copy else ""))


@command.command("current")
@with_appcontext
def current() -> None:
    """Tell whether the schema is that of this version.

    Example: python manage.py db current
    """
    # As above.
    from app.services.schema import inspect_schema

    click.echo(inspect_schema().value)


@command.command("downgrade")
@click.argument("revision")
@yes_option
@with_appcontext
def downgrade(revision: str, yes: bool) -> None:
    """Take the schema back to REVISION; what only newer versions keep is lost.

    A copy of an SQLite file is kept first. "base" takes everything away.

    Example: python manage.py db downgrade 0001
    """
    # As above.
    from app.services import schema

    confirm("What only newer versions keep would be lost.", yes=yes)
    copy = schema.downgrade(revision)
    click.echo(f"The database is at {revision}." + (f" A copy is {copy}." if copy else ""))
