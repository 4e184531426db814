"""`templates`: named templates for prompts."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.group("templates")
def command() -> None:
    """Keep named templates for prompts."""


@command.command("add")
@click.argument("name")
@click.argument("text")
@with_appcontext
def add(name: str, text: str) -> None:
    """Keep TEXT, with {user_input} and other names in braces, as a template.

    A name that exists gets a new version; the old ones stay.

    Example: python manage.py templates add poster "{user_input}, as a poster in {style}"
    """
    # These load the database, which --help does without.
    from app.services.schema import require_current
    from app.services.templates import save_template

    require_current()
    template = save_template(name, text)
    click.echo(f"{template.name} is kept, version {template.version}.")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@with_appcontext
def list_(as_json: bool) -> None:
    """List the templates in their newest versions.

    Example: python manage.py templates list
    """
    # As above.
    from app.cli.table import print_json, print_table
    from app.models.prompt_manager import PromptManager
    from app.services.schema import require_current

    require_current()
    rows = [(each.name, each.version, each.text) for each in PromptManager().list_templates()]
    if as_json:
        print_json([dict(zip(("name", "version", "text"), row, strict=True)) for row in rows])
    else:
        print_table(("NAME", "VERSION", "TEXT"), rows)
