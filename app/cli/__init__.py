"""The command line, one file a noun; each loads only when its command runs, so --help is quick."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click
from flask.cli import AppGroup, FlaskGroup, NoAppException, ScriptInfo

from app.errors import ConfigurationError, InvalidInput, ProofsheetError

if TYPE_CHECKING:
    from flask import Flask

# The name is that of a file here; the text is its line in --help.
COMMANDS = {
    "up": "Bring everything up: database, key, web server, worker.",
    "serve": "Run the web server alone.",
    "worker": "Run a worker alone, which draws what is queued.",
    "generate": "Draw pictures from a prompt and keep them.",
    "images": "Look at the pictures that were kept, mark, delete and restore them.",
    "searches": "Keep filters of the history by a name.",
    "shares": "Show pictures to somebody without a key, by a link that ends.",
    "export": "Write everything into a folder.",
    "prompts": "Look at what was asked before.",
    "templates": "Keep named templates for prompts.",
    "report": "Tell what was made, for how much, how quickly, and what failed.",
    "jobs": "Look at what waits and runs, cancel it, try it again.",
    "batches": "Look at batches of prompts, cancel them, try them again.",
    "models": "List the models and their prices.",
    "budget": "Show what may be spent and what is left.",
    "keys": "Make, list, change and revoke API keys.",
    "housekeeping": "Remove what is of no more use, as workers do now and then.",
    "demo": "Make a history of sketches to look at, or remove it.",
    "stats": "Show how much there is, on one screen.",
    "check": "Look whether all that is kept goes together, and mend it.",
    "backup": "Write the database as it is now to a file.",
    "restore": "Put a backup in the place of the database.",
    "copy": "Copy everything into another database, such as PostgreSQL.",
    "mcp": "Serve an assistant over the Model Context Protocol.",
    "openapi": "Print the API's OpenAPI document.",
    "completion": "Print what makes a shell complete commands on Tab.",
    "config": "Show or change the settings.",
    "db": "Migrate the database by hand.",
}
# Flask's own.
FOREIGN_COMMANDS = {
    "routes": "Show the addresses that the server answers.",
    "run": "Run a development server.",
    "shell": "Run a Python shell with the app loaded.",
}
# By `flask --app manage` alone.
FOR_DEVELOPERS = ("alembic",)
# Of ours, those that look at the routes; the others do without.
ABOUT_ROUTES = {"openapi"}
FAILED = 1
USAGE = 2


def init_app(app: Flask) -> None:
    """Put our commands on `app`, so that `flask --app manage …` has them too.

    Before any extension is initialised, since those add theirs to what is made here.
    """
    app.cli = _AppCommands(app.name)


class _AppCommands(AppGroup):
    """Our commands, as those of an app."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *FOR_DEVELOPERS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        ours = cmd_name in {*COMMANDS, *FOR_DEVELOPERS}
        return _load(cmd_name) if ours else super().get_command(ctx, cmd_name)


class ManageGroup(FlaskGroup):
    """The `flask` command line of this app, which lists its commands without loading them."""

    def __init__(self, create_app: Callable[..., Flask], **more: Any) -> None:
        """Take the function that makes the app, called when a command needs it."""
        super().__init__(create_app=create_app, **more)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, ours first."""
        return [*COMMANDS, *FOREIGN_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        if cmd_name not in ABOUT_ROUTES:
            self._do_without_routes(ctx.ensure_object(ScriptInfo))
        return _load(cmd_name)

    def _do_without_routes(self, information: ScriptInfo) -> None:
        # Unless whoever calls us gave an app of their own.
        if self.create_app and information.create_app is self.create_app:
            information.create_app = partial(self.create_app, serves=False)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list for --help from the texts above."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items(), *FOREIGN_COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what can go wrong becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.exceptions.NoArgsIsHelpError):
            raise
        except Exception as error:  # noqa: BLE001 - what has no meaning here is raised again
            _give_up(error)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the options before the command's name; a wrong one is one line too."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            _give_up(error)


def _load(name: str) -> click.Command:
    return cast(click.Command, import_module(f"app.cli.{name}").command)


def _give_up(error: Exception) -> NoReturn:
    """Exit with one line on stderr for an error that has a meaning; raise any other."""
    from sqlalchemy.exc import DBAPIError  # only where something failed already

    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "manage.py"
        _exit(f"{error.format_message()} See {path} --help.", USAGE)
    if isinstance(error, ConfigurationError | InvalidInput):
        _exit(str(error), USAGE)
    if isinstance(error, NoAppException):
        _exit(error.format_message(), USAGE)
    if isinstance(error, ProofsheetError):
        _exit(str(error), FAILED)
    if isinstance(error, DBAPIError):
        from app.services.database_trouble import is_damage  # as above

        cause = str(error.orig).strip().splitlines()[0]
        if is_damage(error):
            _exit(
                f"The database's file is damaged ({cause}). Restore a backup; "
                "`manage.py check` tells what cannot be read.",
                FAILED,
            )
        _exit(
            f"The database cannot be used ({cause}). Check that it is there and up to date, "
            "that it can be written to, and that there is room.",
            FAILED,
        )
    raise error


def _exit(message: str, code: int) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(code)
