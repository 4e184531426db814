"""`searches`: filters of the history, kept by a name for all."""

from __future__ import annotations

from typing import Literal

import click
from flask.cli import with_appcontext

from app.cli.confirm import confirm, yes_option
from app.cli.output import Output, output_options
from app.cli.selection import TEXT, Selection, selection_options


@click.group("searches")
def command() -> None:
    """Keep filters of the history by a name; `images list --saved NAME` shows what one finds."""


@command.command("list")
@output_options
@with_appcontext
def list_(output: Output) -> None:
    """List the kept searches, in the order they were made.

    Example: python manage.py searches list
    """
    # These load the database, which --help does without.
    from app.services.records import search_record
    from app.services.schema import require_current
    from app.services.searches import list_searches

    require_current()
    output.rows(
        map(search_record, list_searches()),
        {"NAME": lambda each: each["name"], "QUERY": lambda each: _told(each["query"])},
        name="name",
        fields=("name", "query", "created_at"),
    )


@command.command("show")
@click.argument("name", type=TEXT)
@output_options
@with_appcontext
def show(name: str, output: Output) -> None:
    """Show what a kept search asks for, and when it was made.

    Example: python manage.py searches show "red foxes"
    """
    # As above.
    from app.services.records import search_record
    from app.services.schema import require_current
    from app.services.searches import get_search

    require_current()
    record = search_record(get_search(name))
    if output.is_for_people:
        record["query"] = _told(record["query"])
    output.record(record, name="name")


@command.command("save")
@click.argument("name", type=TEXT)
@selection_options
@click.option(
    "--sort",
    type=click.Choice(["newest", "oldest"]),
    help="Which come first.  [default: newest]",
)
@with_appcontext
def save(name: str, selection: Selection, sort: Literal["newest", "oldest"] | None) -> None:
    """Keep a filter by a name, in place of what the name meant before.

    Example: python manage.py searches save "red foxes" -q "red fox" --favourite
    """
    # As above.
    from app.services.schema import require_current
    from app.services.searches import query_of, save_search

    if not selection:
        raise click.UsageError("Say which pictures it finds: --tag, --since, -q and so on.")
    require_current()
    _, is_new = save_search(name, query_of(selection.filter(sort=sort)))
    click.echo(f"{name} is kept{'' if is_new else ' in place of the one before'}.")


@command.command("remove")
@click.argument("name", type=TEXT)
@yes_option
@with_appcontext
def remove(name: str, yes: bool) -> None:
    """Forget a kept search; the pictures that it finds stay.

    Example: python manage.py searches remove "red foxes" --yes
    """
    # As above.
    from app.services.schema import require_current
    from app.services.searches import delete_search, get_search

    require_current()
    get_search(name)
    confirm(f"The search {name} would be forgotten.", yes=yes)
    delete_search(name)
    click.echo(f"{name} is forgotten.")


def _told(query: dict[str, list[str]]) -> str:
    return "  ".join(f"{name}={value}" for name, values in query.items() for value in values)
