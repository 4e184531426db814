"""GET /api/generations: all that was asked for, and what became of it."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response
from pydantic import Field

from app.api.answers.generation import GenerationPage
from app.api.auth import requires
from app.api.fields import NOT_NUL
from app.api.image_query import Label, Moment, PageSize
from app.api.openapi.declare import Answer, documented
from app.api.paging import cursor_answer
from app.api.shapes import generations_json
from app.api.validation import Strict
from app.extensions import current_settings
from app.models import Role, Status
from app.models.cursor import Cursor
from app.models.generation_pages import GenerationFilter, generations_of, images_of
from app.models.types import LARGEST_NUMBER
from app.services.image_generator_service import ImageGeneratorService

blueprint = Blueprint("generation_list", __name__, url_prefix="/generations")


class GenerationQuery(Strict):
    """Which generations; what is not given does not narrow. `until` is exclusive."""

    status: Status | None = Field(None, description="Where they stand.")
    model: Label | None = Field(None, description="What draws them.", examples=["sketch-1"])
    provider: Label | None = Field(None, description="Who draws them.", examples=["sketch"])
    project: Label | None = Field(None, description="Whom they are for.", examples=["acme"])
    batch: Label | None = Field(None, description="The id of their batch.")
    by: Label | None = Field(None, description="The name of the key that asked for them.")
    prompt: Annotated[str, Field(min_length=1, pattern=NOT_NUL)] | None = Field(
        None, description="The user's own words, exactly."
    )
    prompt_id: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = Field(
        None, description="The past prompt that they are uses of, in any of its wordings."
    )
    template: Label | None = Field(None, description="The name of their template.")
    since: Moment | None = Field(
        None,
        description="Asked for at this moment or later: RFC 3339, or a date, which begins in UTC.",
        examples=["2026-11-01"],
    )
    until: Moment | None = Field(
        None, description="Asked for before this moment.", examples=["2026-11-22T12:00:00Z"]
    )
    limit: PageSize | None = Field(None, description="How many generations at the most.")
    cursor: str | None = Field(
        None, description="Where to go on: next_cursor or prev_cursor of an answer to this query."
    )

    def filter(self) -> GenerationFilter:
        """Return what the models understand."""
        return GenerationFilter(**self.model_dump(exclude={"limit", "cursor"}))


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("A page.", GenerationPage, ("Link",))}, query=GenerationQuery)
def index(query: GenerationQuery) -> Response:
    """All that was asked for, newest first, with the images it has so far; failures too."""
    ImageGeneratorService().fail_interrupted()
    wanted = query.filter()
    cursor = Cursor.decode(query.cursor, wanted) if query.cursor else None
    found = generations_of(wanted, cursor, query.limit or current_settings().page_size)
    items = generations_json(found.items, images_of(found.items))
    return cursor_answer({"items": items}, found, wanted)
