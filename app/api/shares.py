"""/api/shares: proof sheets, which show a selection to somebody without a key and take their picks."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify, request, url_for
from pydantic import Field, StrictBool, StrictStr

from app.api.answers.share import FullShare, MadeShare, SharePage
from app.api.auth import requires
from app.api.fields import NOT_NUL, Said, ShareId, Whole
from app.api.image_query import PageSize
from app.api.openapi.declare import Answer, documented
from app.api.paging import cursor_answer
from app.api.validation import Strict
from app.extensions import current_settings
from app.key_door import key_holder
from app.models import Role
from app.models.cursor import Cursor
from app.models.types import LABEL, LONGEST_LABEL
from app.services import proof_sheets
from app.services.proof_sheets import (
    DEFAULT_DAYS,
    LONGEST_GREETING,
    MOST_DAYS,
    MOST_PICTURES,
    NewSheet,
    SheetView,
)
from app.services.proof_sheets.records import path_of, sheet_picture_record, sheet_record

blueprint = Blueprint("shares", __name__, url_prefix="/shares")
Title = Annotated[StrictStr, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_LABEL)]
Greeting = Annotated[StrictStr, Said(pattern=NOT_NUL, maxLength=LONGEST_GREETING)]
Days = Annotated[Whole, Said(minimum=1, maximum=MOST_DAYS)]
LIST = "shares"


class NewShare(Strict):
    """A proof sheet to make."""

    title: Title = Field(description="What it is called.", examples=["Cover, first round"])
    ids: list[Whole] = Field(
        min_length=1,
        max_length=MOST_PICTURES,
        description="Its images, in the order in which they are shown.",
        examples=[[17, 18]],
    )
    days: Days = Field(DEFAULT_DAYS, description="How long its link works.", examples=[14])
    greeting: Greeting | None = Field(
        None, description="Words above the pictures.", examples=["Which three shall it be?"]
    )
    prompts: StrictBool = Field(default=False, description="Show the prompts.")
    downloads: StrictBool = Field(
        default=False,
        description="Let pictures be saved in full: as their files are where prompts are shown, else "
        "without what the files say besides.",
    )


class ShareChanges(Strict):
    """What to change of a proof sheet."""

    days: Days = Field(description="How long its link works from now on.", examples=[14])


class ShareQuery(Strict):
    """Which part of the list."""

    limit: PageSize | None = Field(None, description="How many sheets at the most.")
    cursor: str | None = Field(
        None, description="Where to go on: next_cursor or prev_cursor of an answer."
    )


@blueprint.get("")
@requires(Role.CREATOR)
@documented({200: Answer("A page.", SharePage, ("Link",))}, query=ShareQuery)
def index(query: ShareQuery) -> Response:
    """All proof sheets, newest first; those whose link works no longer too."""
    cursor = Cursor.decode(query.cursor, LIST) if query.cursor else None
    found = proof_sheets.list_sheets(cursor, query.limit or current_settings().page_size)
    return cursor_answer({"items": [_shown(each) for each in found.items]}, found, LIST)


@blueprint.post("")
@requires(Role.CREATOR)
@documented(
    {201: Answer("The sheet with its link.", MadeShare, ("Location", "Cache-Control"))},
    body=NewShare,
    errors=("not_found",),
)
def create(body: NewShare) -> tuple[Response, int, dict[str, str]]:
    """Show some images to whoever has the link that this tells, once: only its hash is kept.

    They can pick images and leave a word on each, and see nothing else.
    """
    new = NewSheet(
        *(body.title, body.ids, body.days),
        greeting=body.greeting,
        prompts=body.prompts,
        downloads=body.downloads,
    )
    sheet_id, token = proof_sheets.make_sheet(new, key_holder().id)
    return _with_link(sheet_id, token)


@blueprint.get("/<int:share_id>")
@requires(Role.CREATOR)
@documented({200: Answer("The sheet.", FullShare)})
def show(share_id: ShareId) -> Response:
    """One proof sheet: what was picked, and what was said."""
    view = proof_sheets.get_view(share_id)
    pictures = proof_sheets.pictures_of_sheet(share_id)
    return jsonify(**_shown(view), items=[sheet_picture_record(each) for each in pictures])


@blueprint.patch("/<int:share_id>")
@requires(Role.CREATOR)
@documented({200: Answer("The sheet.", FullShare)}, body=ShareChanges, errors=("conflict",))
def change(share_id: ShareId, body: ShareChanges) -> Response:
    """Let the link of a proof sheet work longer, or less long, or again once it has expired."""
    proof_sheets.extend_sheet(share_id, body.days)
    return show(share_id)


@blueprint.post("/<int:share_id>/link")
@requires(Role.CREATOR)
@documented(
    {201: Answer("The sheet with its new link.", MadeShare, ("Location", "Cache-Control"))},
    errors=("conflict",),
)
def renew(share_id: ShareId) -> tuple[Response, int, dict[str, str]]:
    """Make a new link for a proof sheet; the one before works no longer."""
    return _with_link(share_id, proof_sheets.renew_link(share_id))


@blueprint.delete("/<int:share_id>")
@requires(Role.CREATOR)
@documented({204: Answer("Its link works no longer, perhaps since before.")})
def revoke(share_id: ShareId) -> tuple[str, int]:
    """Revoke a proof sheet for good: nobody sees it any more, and its picks stay."""
    proof_sheets.revoke_sheet(share_id)
    return "", 204


def _with_link(sheet_id: int, token: str) -> tuple[Response, int, dict[str, str]]:
    shown = _shown(proof_sheets.get_view(sheet_id))
    headers = {"Location": shown["links"]["self"], "Cache-Control": "no-store"}
    base = str(current_settings().public_url or request.url_root).rstrip("/")
    return jsonify(**shown, link=base + path_of(token)), 201, headers


def _shown(view: SheetView) -> dict[str, Any]:
    sheet_id, images = view.sheet.id, url_for("api.images.index", sheet=view.sheet.id)
    links = {
        "self": url_for("api.shares.show", share_id=sheet_id),
        "images": images,
        "picks": f"{images}&picked=true",
    }
    return {**sheet_record(view), "links": links}
