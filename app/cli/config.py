"""`config`: every setting with its value and where it came from."""

from __future__ import annotations

import sys

import click

from app.cli.output import Output, output_options


@click.group("config", invoke_without_command=True)
@output_options
@click.pass_context
def command(context: click.Context, output: Output) -> None:
    """Show every setting, its value and its source; secrets are masked.

    Example: python manage.py config set GEMINI_API_KEY
    """
    if context.invoked_subcommand:
        return
    from config import Settings, load_settings, shown, source, variables

    settings = load_settings()
    records = [
        {
            "name": variables(name)[0],
            "value": shown(settings, name),
            "source": source(settings, name),
            "description": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    output.rows(
        records,
        {
            "NAME": lambda each: each["name"],
            "VALUE": lambda each: each["value"],
            "SOURCE": lambda each: each["source"],
            "WHAT IT IS": lambda each: each["description"],
        },
        name="name",
    )


@command.command("set")
@click.argument("name")
@click.argument("value", required=False)
def set_(name: str, value: str | None) -> None:
    """Write one setting to the file `env` in the instance folder; an empty VALUE removes it.

    Without VALUE it is asked for; a secret is never taken as an argument and is not shown.
    A running server takes it up when it is started again.

    Example: python manage.py config set PROOFSHEET_PORT 8080
    """
    from config import field_of, is_secret, stronger, variables, write_setting

    field = field_of(name)
    variable = variables(field)[0]
    if is_secret(field) and value:
        raise click.UsageError(f"{variable} is a secret: leave it out, and it will be asked for.")
    if value is None:
        value = _ask(variable, hidden=is_secret(field))
    file = write_setting(field, value)
    click.echo(f"{variable} is {'set' if value else 'removed'} in {file}")
    if stronger(field):
        click.echo(f"Note: {stronger(field)} in the environment is stronger.", err=True)


def _ask(variable: str, *, hidden: bool) -> str:
    """Ask a person without showing a secret; take one line from a program."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    answer: str = click.prompt(variable, default="", show_default=False, hide_input=hidden)
    return answer
