"""`prompts`: what was asked before, from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from app.models.prompt_pages import PromptFilter

SORT = click.option(
    "--sort",
    type=click.Choice(["recent", "uses"]),
    default="recent",
    show_default=True,
    help="Those used last first, or those used most.",
)
LIMIT = click.option("--limit", type=click.IntRange(1), help="How many at the most.  [default: 20]")
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group("prompts")
def command() -> None:
    """Look at what was asked before, each wording once."""


@command.command("list")
@SORT
@LIMIT
@JSON
@with_appcontext
def list_(sort: Literal["recent", "uses"], limit: int | None, as_json: bool) -> None:
    """List past prompts.

    Example: python manage.py prompts list --sort uses
    """
    # These load the database, which --help does without.
    from app.models.prompt_pages import PromptFilter

    _show(PromptFilter(sort=sort), limit, as_json)


@command.command("search")
@click.argument("words", nargs=-1, required=True)
@SORT
@LIMIT
@JSON
@with_appcontext
def search(
    words: tuple[str, ...], sort: Literal["recent", "uses"], limit: int | None, as_json: bool
) -> None:
    """List the past prompts that have these WORDS; the last may be the beginning of one.

    Example: python manage.py prompts search red fox
    """
    # As above.
    from app.models.prompt_pages import PromptFilter

    _show(PromptFilter(" ".join(words), sort), limit, as_json)


def _show(wanted: PromptFilter, limit: int | None, as_json: bool) -> None:
    # As above.
    from app.cli.table import print_json, print_table, shorten
    from app.extensions import current_settings
    from app.models.prompt_pages import prompts_of
    from app.services.records import prompt_record
    from app.services.schema import require_current

    require_current()
    found = prompts_of(wanted, None, limit or current_settings().page_size)
    if as_json:
        print_json([prompt_record(row) for row in found.items])
        return
    rows = [
        (row.uses, row.images, f"{row.last_used_at:%Y-%m-%d %H:%M}", shorten(row.text))
        for row in found.items
    ]
    print_table(("USES", "IMAGES", "LAST USED (UTC)", "PROMPT"), rows)
    if found.after:
        click.echo("There are more.")
