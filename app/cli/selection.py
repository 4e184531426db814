"""Which images: the options that make an ImageFilter.

`@selection_options` gives them to a command, and hands it a `Selection`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from app.cli.times import Time, moment

if TYPE_CHECKING:
    from app.models.image_filter import ImageFilter

SOURCES = ["generated", "upload", "import", "proxy"]
_SURROGATE = re.compile("[\ud800-\udfff]")


class Words(click.ParamType[str]):
    """A text that a database can look for; what a shell passes need not be one."""

    name = "text"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text."""
        if _SURROGATE.search(str(value)):
            self.fail("this is no text in the encoding of this terminal.", param, ctx)
        return str(value)


TEXT = Words()
OPTIONS = {
    "search": click.option(
        "--search", "-q", type=TEXT, help='Words in them; "quoted phrases"; -minus words.'
    ),
    "since": click.option(
        "--since", type=Time(), help="Kept since then: 7d, 2026-11-01, yesterday."
    ),
    "until": click.option("--until", type=Time(), help="Kept before then."),
    "model": click.option("--model", type=TEXT, help="What drew them."),
    "provider": click.option("--provider", type=TEXT, help="Who drew them."),
    "project": click.option("--project", type=TEXT, help="Whom they are for."),
    "source": click.option("--source", type=click.Choice(SOURCES), help="How they came here."),
    "tags": click.option(
        "--tag", "tags", type=TEXT, multiple=True, help="A tag that they have. Repeatable."
    ),
    "favourite": click.option(
        "--favourite/--no-favourite", default=None, help="Only those with a star, or without."
    ),
    "sheet": click.option(
        "--sheet", type=click.IntRange(1, 2**63 - 1), help="The proof sheet that they are on."
    ),
    "picked": click.option(
        "--picked/--no-picked", default=None, help="Only those picked on it, or on any; or not."
    ),
    "by": click.option("--by", type=TEXT, help="The name of the key that made them."),
    "batch": click.option("--batch", type=TEXT, help="The id of their batch."),
    "generation": click.option("--generation", type=TEXT, help="The id of their generation."),
    "prompt": click.option("--prompt", type=TEXT, help="The words that were sent, exactly."),
    "prompt_id": click.option(
        "--prompt-id", type=click.IntRange(1, 2**63 - 1), help="The past prompt they came from."
    ),
    "saved": click.option("--saved", type=TEXT, help="What a search kept by this name finds."),
    "deleted": click.option(
        "--deleted",
        type=click.Choice(["exclude", "include", "only"]),
        help="Whether deleted ones are meant.  [default: exclude]",
    ),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What was said about the images that are meant."""

    options: Mapping[str, Any]

    def __bool__(self) -> bool:
        """Tell whether anything was said that narrows them; what is said of deleted ones does not."""
        said = {name: value for name, value in self.options.items() if name != "deleted"}
        return any(value not in {None, ()} for value in said.values())

    def having(self, **options: Any) -> Selection:
        """Return the same with some of it said otherwise."""
        return Selection({**self.options, **options})

    def filter(self, **changes: Any) -> ImageFilter:
        """Return it as the models understand it, within the app's context.

        What is said beside a kept search takes the place of what that has, and so do `changes` unless
        they are None. Raises NotFound for a search that is not kept.
        """
        from app.models.image import Source
        from app.models.image_filter import ANY
        from app.services.searches import filter_of, get_search

        said = {name: value for name, value in self.options.items() if value not in {None, ()}}
        saved = said.pop("saved", None)
        if "search" in said:
            said["q"] = said.pop("search") or None
        if "tags" in said:
            said["tags"] = tuple(sorted(set(said["tags"])))
        said |= {name: moment(said[name]) for name in ("since", "until") if name in said}
        if "source" in said:
            said["source"] = Source(said["source"])
        said |= {name: value for name, value in changes.items() if value is not None}
        return replace(filter_of(get_search(saved).query) if saved else ANY, **said)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options above; it gets the keyword `selection`."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        selection = Selection({name: options.pop(name) for name in OPTIONS})
        return command(*arguments, **options, selection=selection)

    for option in reversed(OPTIONS.values()):
        run = option(run)
    return run
