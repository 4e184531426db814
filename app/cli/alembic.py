"""`flask --app manage alembic …`: Flask-Migrate's own commands, for those who write migrations."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import Migrate
from flask_migrate.cli import db as group

from app.extensions import MIGRATIONS, db


@click.group("alembic", params=group.params, commands=group.commands)
@click.pass_context
@with_appcontext
def command(context: click.Context, /, **options: Any) -> None:
    """Write and run migrations by Alembic's own means; `manage.py db` is for administrators."""
    Migrate(current_app, db, directory=str(MIGRATIONS))
    context.invoke(group.callback, **options)
