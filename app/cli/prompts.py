"""`prompts`: what was asked before, from a terminal."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Literal

import click
from flask.cli import with_appcontext

from app.cli.output import Columns, Output, output_options
from app.cli.selection import TEXT

FIELDS = (
    *("id", "text", "uses", "first_used_at", "last_used_at"),
    *("images", "favourites", "newest_image"),
)


def page_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command what its list is sorted by, and how far it goes."""
    for option in (
        output_options,
        click.option(
            "--cursor",
            help="Where to go on, as the list before told; with --json or --csv on standard error.",
        ),
        click.option(
            "--limit", type=click.IntRange(1), help="How many at the most.  [default: 20]"
        ),
        click.option(
            "--sort",
            type=click.Choice(["recent", "uses"]),
            default="recent",
            show_default=True,
            help="Those used last first, or those used most.",
        ),
    ):
        command = option(command)
    return command


@click.group("prompts")
def command() -> None:
    """Look at what was asked before, each wording once."""


@command.command("list")
@page_options
@with_appcontext
def list_(**page: Any) -> None:
    """List past prompts.

    Example: python manage.py prompts list --sort uses
    """
    _show(None, **page)


@command.command("search")
@click.argument("words", type=TEXT, nargs=-1, required=True)
@page_options
@with_appcontext
def search(words: tuple[str, ...], **page: Any) -> None:
    """List the past prompts that have these WORDS; the last may be the beginning of one.

    Example: python manage.py prompts search red fox
    """
    _show(" ".join(words), **page)


@command.command("suggest")
@click.argument("typed", type=TEXT)
@click.option("--limit", type=click.IntRange(1, 20), default=8, show_default=True)
@output_options
@with_appcontext
def suggest_(typed: str, limit: int, output: Output) -> None:
    """List past prompts for what was TYPED so far: those that begin so, then those that have its words.

    Example: python manage.py prompts suggest "a li"
    """
    # These load the database, which --help does without.
    from app.models.suggestions import suggest
    from app.services.records import suggestion_record
    from app.services.schema import require_current

    require_current()
    found = [suggestion_record(each) for each in suggest(typed, limit)]
    output.rows(found, {"ID": lambda each: each["id"], **_columns("USES")})


@command.command("show")
@click.argument("prompt_id", metavar="ID", type=int)
@output_options
@with_appcontext
def show(prompt_id: int, output: Output) -> None:
    """Show one past prompt whole, and how often and when it was used.

    Example: python manage.py prompts show 1
    """
    # As above.
    from app.models.prompt_pages import past_prompt
    from app.services.records import prompt_record
    from app.services.schema import require_current

    require_current()
    output.record(_record(prompt_record(past_prompt(prompt_id)), output))
    output.remark(f"Its pictures: python manage.py images list --prompt-id {prompt_id}")


def _show(
    words: str | None,
    *,
    sort: Literal["recent", "uses"],
    limit: int | None,
    cursor: str | None,
    output: Output,
) -> None:
    # As above.
    from app.extensions import current_settings
    from app.models.cursor import Cursor
    from app.models.prompt_pages import PromptFilter, prompts_of
    from app.services.records import prompt_record
    from app.services.schema import require_current

    require_current()
    wanted = PromptFilter(words, sort)
    start = Cursor.decode(cursor, wanted) if cursor else None
    found = prompts_of(wanted, start, limit or current_settings().page_size)
    records = (_record(prompt_record(each), output) for each in found.items)
    output.rows(records, _columns("USES", "IMAGES"), fields=FIELDS)
    if found.after:
        output.note(f"There are more: --cursor {found.after.encode(wanted)}")


def _record(record: dict[str, Any], output: Output) -> dict[str, Any]:
    """Return a prompt's record; in JSON its newest image is an object, as in the API."""
    newest = record["newest_image"]
    if output.form != "json" or newest is None:
        return record
    return {**record, "newest_image": {"id": newest}}


def _columns(*numbers: str) -> Columns:
    from app.cli.table import shorten
    from app.cli.times import heading, read

    return {
        **{name: itemgetter(name.lower()) for name in numbers},
        heading("LAST USED"): lambda each: read(each["last_used_at"]),
        "PROMPT": lambda each: shorten(each["text"]),
    }
