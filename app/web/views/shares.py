"""/shares: the proof sheets that were made, what was picked on them, and what becomes of their links."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import Conflict, InvalidInput
from app.extensions import current_settings
from app.models import Role
from app.models.cursor import Cursor
from app.models.image_manager import ImageManager
from app.services import proof_sheets
from app.services.proof_sheets import DEFAULT_DAYS, NewSheet
from app.services.proof_sheets.records import path_of
from app.web.addresses import numbers
from app.web.door import holder, needs
from app.web.rendering import page
from app.web.texts import TEXT
from app.web.texts import told as told_in

blueprint = Blueprint("shares", __name__, url_prefix="/shares")
PAGE_SIZE = 50
LIST = "shares"


@blueprint.get("")
@needs(Role.CREATOR)
def index() -> Response:
    """All sheets, newest first."""
    asked = request.args.get("cursor")
    cursor = Cursor.decode(asked, LIST) if asked else None
    found = proof_sheets.list_sheets(cursor, PAGE_SIZE)
    older = found.after and url_for(".index", cursor=found.after.encode(LIST))
    newer = found.before and url_for(".index", cursor=found.before.encode(LIST))
    return page("shares/index.html", sheets=found.items, older=older, newer=newer)


@blueprint.post("")
@needs(Role.CREATOR)
def create() -> Response:
    """Share the pictures of the form, and show the link, this once."""
    form = request.form
    ids = numbers(form.get("ids", ""))
    try:
        new = NewSheet(
            title=form.get("title", ""),
            ids=ids,
            # What is no number is no number of days either.
            days=form.get("days", 0, type=int) if "days" in form else DEFAULT_DAYS,
            greeting=form.get("greeting"),
            prompts="prompts" in form,
            downloads="downloads" in form,
        )
        sheet_id, token = proof_sheets.make_sheet(new, holder().id)
    except InvalidInput as error:
        chosen = ImageManager().rows(ids)
        return page("shares/new.html", 422, chosen=chosen, asked=form, wrong=error)
    return _with_link(sheet_id, token, 201)


@blueprint.get("/<int:sheet_id>")
@needs(Role.CREATOR)
def show(sheet_id: int) -> Response:
    """One sheet: what was picked, and what was said."""
    return _shown(sheet_id)


@blueprint.post("/<int:sheet_id>/revoke")
@needs(Role.CREATOR)
def revoke(sheet_id: int) -> Response:
    """Have its link work no longer."""
    proof_sheets.revoke_sheet(sheet_id)
    return _to(sheet_id, "revoked")


@blueprint.post("/<int:sheet_id>/extend")
@needs(Role.CREATOR)
def extend(sheet_id: int) -> Response:
    """Have its link work so many days from now."""
    try:
        proof_sheets.extend_sheet(sheet_id, request.form.get("days", 0, type=int))
    except (InvalidInput, Conflict) as error:
        return _shown(sheet_id, 409 if isinstance(error, Conflict) else 422, wrong=error)
    return _to(sheet_id, "extended")


@blueprint.post("/<int:sheet_id>/link")
@needs(Role.CREATOR)
def renew(sheet_id: int) -> Response:
    """Make a new link in place of the one before, and show it, this once."""
    try:
        token = proof_sheets.renew_link(sheet_id)
    except Conflict as error:
        return _shown(sheet_id, 409, wrong=error)
    return _with_link(sheet_id, token, 200)


def _shown(sheet_id: int, status: int = 200, **context: Any) -> Response:
    view = proof_sheets.get_view(sheet_id)
    shown = {"view": view, "pictures": proof_sheets.pictures_of_sheet(sheet_id)}
    told = told_in(TEXT.shares.told, request.args.get("told", ""))
    return page("shares/show.html", status, **{"told": told, "wrong": None, **shown, **context})


def _with_link(sheet_id: int, token: str, status: int) -> Response:
    base = str(current_settings().public_url or request.url_root).rstrip("/")
    view = proof_sheets.get_view(sheet_id)
    response = page("shares/made.html", status, view=view, link=base + path_of(token))
    response.headers["Cache-Control"] = "no-store"
    return response


def _to(sheet_id: int, told: str) -> Response:
    return cast(Response, redirect(url_for(".show", sheet_id=sheet_id, told=told), 303))
