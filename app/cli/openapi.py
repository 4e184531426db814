"""`openapi`: the API's document, for programs that make clients or tests of it."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command("openapi")
@with_appcontext
def command() -> None:
    """Print the OpenAPI document, as /api/openapi.json has it; no server need run.

    Example: python manage.py openapi > openapi.json
    """
    # Asked as any caller would ask: no face reaches into another.
    click.echo(current_app.test_client().get("/api/openapi.json").text, nl=False)
