"""The command line: `python manage.py …` does what `flask --app manage …` does."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import click
from flask.cli import NoAppException

import app
from app.cli import ManageGroup
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from flask import Flask


def create_app(*, serves: bool = True) -> Flask:
    """Return the app for a command. Raises NoAppException, which flask shows in one line."""
    from app import logs  # loads what --help does without

    try:
        made = app.create_app(serves=serves)
    except ConfigurationError as error:
        raise NoAppException(str(error)) from error
    # Commands talk to people: what each does, they say themselves.
    logs.set_up(made.config["SETTINGS"], quiet=True)
    if not gc.isenabled():
        gc.freeze()  # what was loaded stays: nobody need look through it again
        gc.enable()
    return made


def show_version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Print our version and exit, when asked to."""
    if asked:
        click.echo(f"Proofsheet {app.__version__}")
        context.exit()


VERSION = click.Option(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    help="Show the version of Proofsheet.",
    callback=show_version,
)
cli = ManageGroup(
    create_app=create_app,
    help="Proofsheet draws pictures from prompts and keeps them all.\n\n"
    "Start with: python manage.py up",
    add_version_option=False,
    params=[VERSION],
)

if __name__ == "__main__":
    # While modules are loaded there is no garbage, and to look for it takes a tenth of the time.
    gc.disable()
    cli()
