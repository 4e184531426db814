"""`mcp`: assistants draw and look things up, over the Model Context Protocol.

One process serves one assistant, which starts it and speaks to it on standard input and output.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click
from flask import current_app
from flask.cli import with_appcontext

from app.errors import ConfigurationError


@click.command("mcp")
@with_appcontext
def command() -> None:
    """Serve an assistant on standard input and output, over the Model Context Protocol (MCP).

    The assistant starts this itself, with a key in PROOFSHEET_KEY, whose role, limits and budgets
    hold. It draws with the workers that there are, or else with one that this command runs itself.
    Needs what is in requirements-mcp.txt.

    Example: python manage.py mcp
    """
    if find_spec("mcp") is None:
        raise ConfigurationError(
            "This needs a package that is not installed: pip install -r requirements-mcp.txt"
        )
    # These load the database and the protocol, which --help does without.
    from app import logs
    from app.cli.mcp.door import Door
    from app.cli.mcp.serving import serve
    from app.extensions import current_settings
    from app.services.provider_choice import provider_choice
    from app.services.schema import require_current
    from config import callers_key

    logs.set_up(current_settings())
    require_current()
    provider_choice().read_catalog()
    door = Door(callers_key())
    door.require_key()
    if sys.stdin.isatty():
        click.echo("An assistant starts this and speaks to it; Ctrl-C ends it.", err=True)
    serve(current_app._get_current_object(), door)  # type: ignore[attr-defined]  # noqa: SLF001
