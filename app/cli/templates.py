"""`templates`: named templates for prompts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, json_option, output_options
from app.cli.selection import TEXT
from app.cli.variables import pairs, variable_option

if TYPE_CHECKING:
    from app.models import PromptTemplate


@click.group("templates")
def command() -> None:
    """Keep named templates for prompts."""


@command.command("add")
@click.argument("name", type=TEXT)
@click.argument("text", type=TEXT)
@json_option
@with_appcontext
def add(name: str, text: str, as_json: bool) -> None:
    """Keep TEXT, with {user_input} and other names in braces, as a template; - is standard input.

    A name that exists gets a new version; the old ones stay.

    Example: python manage.py templates add poster "{user_input}, as a poster in {style}"
    """
    # These load the database, which --help does without.
    from app.services.schema import require_current
    from app.services.templates import save_template

    require_current()
    template = save_template(name, sys.stdin.read().rstrip("\n") if text == "-" else text)
    _tell(template, f"is kept, version {template.version}", as_json=as_json)


@command.command("edit")
@click.argument("name", type=TEXT)
@click.argument("text", type=TEXT, required=False)
@json_option
@with_appcontext
def edit(name: str, text: str | None, as_json: bool) -> None:
    """Give a template that is there a new version: TEXT, or what you write in your editor ($EDITOR).

    TEXT is standard input for -. The same text makes no version.

    Example: python manage.py templates edit poster "{user_input}, as a large poster in {style}"
    """
    # As above.
    from app.models.prompt_manager import PromptManager
    from app.services.schema import require_current
    from app.services.templates import update_template

    require_current()
    before = PromptManager().get_template(name)
    if text is None:
        if not sys.stdin.isatty():
            raise click.UsageError(
                "Give its TEXT, or -, which is standard input: no editor can be used."
            )
        # None is told where the editor was left without saving.
        text = (click.edit(before.text, extension=".txt") or before.text).rstrip("\n")
    elif text == "-":
        text = sys.stdin.read().rstrip("\n")
    version = before.version
    after = update_template(name, text)
    same = after.version == version
    told = f"is as it was, version {version}" if same else f"is kept, version {after.version}"
    _tell(after, told, as_json=as_json)


@command.command("list")
@output_options
@with_appcontext
def list_(output: Output) -> None:
    """List the templates in their newest versions.

    Example: python manage.py templates list
    """
    # As above.
    from app.cli.table import shorten
    from app.models.prompt_manager import PromptManager
    from app.services.records import template_record
    from app.services.schema import require_current

    require_current()
    output.rows(
        map(template_record, PromptManager().list_templates()),
        {
            "NAME": lambda each: each["name"],
            "VERSION": lambda each: each["version"],
            "TEXT": lambda each: shorten(each["text"], 100),
        },
        name="name",
        fields=("name", "version", "text", "created_at", "placeholders"),
    )


@command.command("show")
@click.argument("name", type=TEXT)
@click.option("--version", type=click.IntRange(1), help="An older one.")
@output_options
@with_appcontext
def show(name: str, version: int | None, output: Output) -> None:
    """Show a template with its placeholders, and when it was made.

    Example: python manage.py templates show poster --version 1
    """
    # As above.
    from app.errors import NotFound
    from app.services.records import template_record
    from app.services.schema import require_current
    from app.services.templates import template_versions

    require_current()
    versions = template_versions(name)
    found = next((each for each in versions if version in {None, each.version}), None)
    if found is None:
        raise NotFound(f"{name!r} has no version {version}; the newest is {versions[0].version}.")
    output.record(template_record(found), name="name")


@command.command("versions")
@click.argument("name", type=TEXT)
@output_options
@with_appcontext
def versions(name: str, output: Output) -> None:
    """List all versions of a template, the newest first.

    Example: python manage.py templates versions poster
    """
    # As above.
    from app.cli.table import shorten
    from app.cli.times import heading, read
    from app.services.records import template_record
    from app.services.schema import require_current
    from app.services.templates import template_versions

    require_current()
    output.rows(
        map(template_record, template_versions(name)),
        {
            "VERSION": lambda each: each["version"],
            heading("MADE"): lambda each: read(each["created_at"]),
            "TEXT": lambda each: shorten(each["text"], 100),
        },
        name="version",
    )


@command.command("remove")
@click.argument("name", type=TEXT)
@yes_option
@with_appcontext
def remove(name: str, yes: bool) -> None:
    """Remove a template with all its versions; what was made with it keeps its words.

    Example: python manage.py templates remove poster --yes
    """
    # As above.
    from app.services.schema import require_current
    from app.services.templates import delete_template, template_versions

    require_current()
    versions = len(template_versions(name))
    confirm(f"{name} would be removed, with {versions} version{'s'[: versions != 1]}.", yes=yes)
    delete_template(name)
    click.echo(f"{name} is removed.")


@command.command("render")
@click.argument("name", type=TEXT)
@click.argument("prompt", type=TEXT)
@variable_option
@json_option
@with_appcontext
def render(name: str, prompt: str, variables: tuple[str, ...], as_json: bool) -> None:
    """Print the words that would be sent for PROMPT by a template, and draw nothing.

    Example: python manage.py templates render poster "a fox" --var style=linocut
    """
    # As above.
    from app.cli.table import print_json
    from app.models.prompt_manager import PromptManager, placeholders
    from app.services.schema import require_current

    filling = pairs(variables)
    require_current()
    manager = PromptManager()
    words = manager.get_template(name).text
    filled = manager.fill(words, prompt, filling)
    if as_json:
        print_json({"final_prompt": filled, "placeholders": sorted(placeholders(words))})
    else:
        click.echo(filled)


def _tell(template: PromptTemplate, what: str, *, as_json: bool) -> None:
    """Tell what became of a template: in a sentence, or as its record."""
    from app.cli.table import print_json
    from app.services.records import template_record

    if as_json:
        print_json(template_record(template))
    else:
        click.echo(f"{template.name} {what}.")
