"""/settings: how pages look, who one is, what holds one back, and how the service stands."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, redirect, request, url_for

from app.extensions import current_settings
from app.models import Role
from app.services.about import about as what_runs
from app.services.about import libraries
from app.services.budgets import budgets_of
from app.services.health import workers
from app.services.keys import get_key
from app.services.model_records import model_records
from app.services.provider_choice import provider_choice
from app.services.queue_state import depths
from app.services.reports.storage import database_room
from app.services.sessions import log_out_others
from app.services.webhooks.standing import webhook_standing
from app.session_cookie import session_token
from app.web.door import holder, needs, wants_fragment
from app.web.look import THEMES, TILES, chosen, keep_look
from app.web.rendering import page
from app.web.setting_rows import CHORES, LIMITS, setting_rows
from app.web.texts import TEXT
from app.web.texts import told as told_in

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("")
@needs(Role.VIEWER)
def index() -> Response:
    """How pages look here, and who is logged in."""
    key = get_key(holder().id)
    return page("settings/index.html", key=key, themes=THEMES, tile_sizes=TILES, told=told())


@blueprint.post("/look")
@needs(Role.VIEWER)
def change_look() -> Response:
    """Keep how pages shall look on this device."""
    response = Response(status=204) if wants_fragment() else to_settings("look")
    keep_look(response, chosen(request.form))
    return response


@blueprint.post("/sessions/end")
@needs(Role.VIEWER)
def end_other_sessions() -> Response:
    """Log the same key out everywhere but here."""
    log_out_others(holder().id, session_token() or "")
    return to_settings("logged_out")


@blueprint.get("/limits")
@needs(Role.VIEWER)
def limits() -> Response:
    """What holds whoever asks, and for who may create, what is left of it."""
    me = holder()
    return page(
        "settings/limits.html",
        requests=me.requests_per_minute or current_settings().requests_per_minute,
        budgets=budgets_of(me.id) if me.role.includes(Role.CREATOR) else [],
        rows=setting_rows(LIMITS),
    )


@blueprint.get("/service")
@needs(Role.VIEWER)
def service() -> Response:
    """Who draws, with which models, who is at work, what waits, and the webhook."""
    is_admin = holder().role is Role.ADMIN
    models = model_records()
    return page(
        "settings/service.html",
        drawing=next((each for each in models if each["default"]), None),
        has_key=provider_choice().can_draw("gemini"),
        models=models,
        workers=workers(),
        depths=depths(),
        webhook=webhook_standing() if is_admin else None,
    )


@blueprint.get("/storage")
@needs(Role.VIEWER)
def storage() -> Response:
    """The room that everything takes."""
    return page("settings/storage.html", room=database_room(), rows=setting_rows(CHORES))


@blueprint.get("/about")
@needs(Role.VIEWER)
def about() -> Response:
    """What this is, and what it is built on."""
    return page(
        "settings/about.html",
        about=what_runs(),
        libraries=libraries(),
        instance=current_settings().instance,
    )


def told() -> str | None:
    """Return what a form has just done, in words."""
    return told_in(TEXT.settings.told, request.args.get("told", ""))


def to_settings(what: str) -> Response:
    """Lead back to the settings, where it is told what was done."""
    return cast(Response, redirect(url_for("web.settings.index", told=what), 303))
