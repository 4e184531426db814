"""/api/prompts: what was asked before, each wording once, and suggestions from it."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Blueprint, Response, jsonify
from pydantic import Field

from app.api.answers.prompt import PromptPage, SuggestionList
from app.api.auth import requires
from app.api.image_query import PageSize
from app.api.openapi.declare import Answer, documented
from app.api.paging import cursor_answer
from app.api.shapes import prompt_json
from app.api.validation import Strict
from app.extensions import current_settings
from app.models import Role
from app.models.cursor import Cursor
from app.models.prompt_pages import PromptFilter, prompts_of
from app.models.suggestions import MOST, suggest
from app.services.records import suggestion_record

blueprint = Blueprint("prompts", __name__, url_prefix="/prompts")

Words = Annotated[str, Field(max_length=1000)]


class PromptQuery(Strict):
    """The query of GET /api/prompts."""

    q: Words | None = Field(
        None,
        description="Words in it, as in GET /api/images. A page may then be short, and goes on by "
        "`next_cursor` all the same.",
        examples=["red fox"],
    )
    sort: Literal["recent", "uses"] = Field(
        "recent",
        description="Those used last first, or those used most; with `q`, of the 10,000 matches "
        "that were used last.",
    )
    limit: PageSize | None = Field(None, description="How many prompts at the most.")
    cursor: str | None = Field(
        None, description="Where to go on: next_cursor or prev_cursor of an answer to this query."
    )


class SuggestQuery(Strict):
    """The query of GET /api/prompts/suggest."""

    q: Words = Field("", description="What was typed so far.", examples=["a ligh"])
    limit: Annotated[int, Field(ge=1, le=MOST)] = Field(8, description="How many at the most.")


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("A page.", PromptPage, ("Link",))}, query=PromptQuery)
def index(query: PromptQuery) -> Response:
    """The users' own words, each once, whatever their case and white space."""
    wanted = PromptFilter(query.q or None, query.sort)
    cursor = Cursor.decode(query.cursor, wanted) if query.cursor else None
    found = prompts_of(wanted, cursor, query.limit or current_settings().page_size)
    return cursor_answer({"items": [prompt_json(row) for row in found.items]}, found, wanted)


@blueprint.get("/suggest")
@requires(Role.VIEWER)
@documented({200: Answer("The suggestions.", SuggestionList)}, query=SuggestQuery)
def suggestions(query: SuggestQuery) -> Response:
    """Past prompts that begin with what was typed, then those that have its words.

    Of each, those used most come first, then those used last. For no words: the ones used last.
    """
    return jsonify(items=[suggestion_record(each) for each in suggest(query.q, query.limit)])
