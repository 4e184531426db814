"""`search_history`: which pictures there are."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StrictStr

from app.cli.mcp.shapes import Found, generation_shape, image_shape
from app.cli.mcp.times import When, moment_or_none
from app.cli.mcp.tool import Answer, Arguments, Call, Tool
from app.models import Role
from app.models.cursor import Cursor
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.services.image_generator_service import ImageGeneratorService
from app.services.records import generation_record, row_record

USUAL = 10
MOST = 50


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("a NUL is in no text here")
    return value


Label = Annotated[StrictStr, Field(min_length=1, max_length=100), AfterValidator(_text)]


class SearchArguments(Arguments):
    """Which pictures; what is not given does not narrow."""

    query: Annotated[StrictStr, Field(max_length=1000)] | None = Field(
        None,
        description='Words in the prompts, all of them; "quoted phrases"; -minus words not at all.',
    )
    model: Label | None = Field(None, description="What drew them.")
    tag: Label | None = Field(None, description="A tag that they have.")
    favourite: StrictBool | None = Field(None, description="Only those with a star, or without.")
    project: Label | None = Field(None, description="Whom they are for.")
    generation: Label | None = Field(
        None, description="Of this generation; the answer then tells how far it is, too."
    )
    since: When | None = Field(
        None, description="Kept from then on: 2026-11-01, 2026-11-01T12:00:00Z, 7d, yesterday."
    )
    until: When | None = Field(None, description="Kept before then.")
    limit: Annotated[StrictInt, Field(ge=1, le=MOST)] = Field(
        USUAL, description="So many at the most."
    )
    cursor: StrictStr | None = Field(
        None, description="Where to go on: next_cursor of an answer to the same search."
    )


def search(_call: Call, arguments: SearchArguments) -> Answer:
    """Return a slice of the history, newest first. Raises InvalidInput, NotFound."""
    wanted = _filter(arguments)
    # A cursor is for what was said, and not for the filter: the latter differs each time for 7d.
    said = arguments.model_copy(update={"limit": USUAL, "cursor": None})
    start = Cursor.decode(arguments.cursor, said) if arguments.cursor else None
    found = ImageManager().slice(wanted, start, arguments.limit)
    return Answer(
        {
            "images": [image_shape(row_record(row)) for row in found.items],
            "next_cursor": found.after.encode(said) if found.after else None,
            "generation": _generation(arguments.generation),
        }
    )


def _filter(arguments: SearchArguments) -> ImageFilter:
    return ImageFilter(
        q=arguments.query or None,
        model=arguments.model,
        tags=(arguments.tag,) if arguments.tag else (),
        favourite=arguments.favourite,
        project=arguments.project,
        generation=arguments.generation,
        since=moment_or_none(arguments.since),
        until=moment_or_none(arguments.until),
    )


def _generation(generation_id: str | None) -> dict[str, Any] | None:
    if generation_id is None:
        return None
    return generation_shape(generation_record(ImageGeneratorService().get(generation_id)))


SEARCH = Tool(
    name="search_history",
    title="Search the history",
    description=(
        "Find pictures that were kept, newest first: their ids, prompts, settings, cost and tags. "
        "The pictures themselves come from get_image. With a generation's id it tells how far a "
        "request is."
    ),
    role=Role.VIEWER,
    arguments=SearchArguments,
    answer=Found,
    run=search,
)
