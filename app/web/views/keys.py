"""/settings/keys: who may come in, and how much they may spend. For administrators."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import Conflict, InvalidInput
from app.extensions import current_settings
from app.models import ApiKey, Role
from app.models.types import MICRO
from app.services import keys
from app.services.budgets import budgets_of, microusd
from app.services.keys import KeyBudgets
from app.services.login_links import login_link
from app.web.door import holder, needs
from app.web.rendering import page
from app.web.texts import TEXT
from app.web.texts import told as told_in

blueprint = Blueprint("keys", __name__, url_prefix="/settings/keys")


@blueprint.get("")
@needs(Role.ADMIN)
def index() -> Response:
    """Every key, and a form to make one."""
    return _list()


@blueprint.post("")
@needs(Role.ADMIN)
def create() -> Response:
    """Make a key and show it, this once."""
    try:
        role = _role(request.form.get("role", ""))
        key, token = keys.create_key(
            request.form.get("name", ""), role, _requests_per_minute(), _budgets()
        )
    except (InvalidInput, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _list(status, problem=str(error), wrong=getattr(error, "field", "name"))
    return _not_kept(page("keys/made.html", 201, key=key, token=token))


@blueprint.get("/<int:key_id>")
@needs(Role.ADMIN)
def show(key_id: int) -> Response:
    """One key: how its budgets stand, and what can be done with it."""
    return _show(keys.get_key(key_id))


@blueprint.post("/<int:key_id>")
@needs(Role.ADMIN)
def change(key_id: int) -> Response:
    """Change the budgets of a key."""
    key = keys.get_key(key_id)
    try:
        keys.set_budgets(key, _budgets())
    except InvalidInput as error:
        return _show(key, 422, problem=str(error), wrong=error.field)
    return _to("show", "budgets", key_id=key_id)


@blueprint.post("/<int:key_id>/login-link")
@needs(Role.ADMIN)
def make_login_link(key_id: int) -> Response:
    """Make a link that logs one browser in with a key, and show it, this once."""
    key = keys.get_key(key_id)
    if key.revoked_at is not None:
        raise Conflict(str(TEXT.keys.revoked_already))
    address = str(current_settings().public_url or request.url_root)
    return _not_kept(page("keys/link.html", key=key, link=login_link(address, key_id)))


@blueprint.get("/<int:key_id>/revoke")
@needs(Role.ADMIN)
def ask_to_revoke(key_id: int) -> Response:
    """Ask whether a key shall work no longer."""
    return page("keys/revoke.html", key=keys.get_key(key_id), is_mine=key_id == holder().id)


@blueprint.post("/<int:key_id>/revoke")
@needs(Role.ADMIN)
def revoke(key_id: int) -> Response:
    """Revoke a key: it works no longer, from the next request on."""
    keys.revoke_key_by_id(key_id)
    return _to("index", "revoked")


def _list(status: int = 200, problem: str | None = None, wrong: str | None = None) -> Response:
    found = keys.list_keys()
    return page(
        "keys/index.html",
        status,
        live=[each for each in found if each.revoked_at is None],
        revoked=[each for each in found if each.revoked_at is not None],
        roles=[each.value for each in Role],
        given=request.form,
        problem=problem,
        wrong=wrong,
        told=_told(),
    )


def _show(
    key: ApiKey, status: int = 200, problem: str | None = None, wrong: str | None = None
) -> Response:
    given: dict[str, Any] = dict(request.form)
    own = keys.budgets_of_key(key)
    return page(
        "keys/show.html",
        status,
        key=key,
        budgets=[each for each in budgets_of(key.id) if each.key is not None],
        daily=given.get("daily", _typed(own.daily)),
        monthly=given.get("monthly", _typed(own.monthly)),
        problem=problem,
        wrong=wrong,
        told=_told(),
    )


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise InvalidInput(str(TEXT.keys.no_role), field="role") from error


def _requests_per_minute() -> int | None:
    text = request.form.get("requests_per_minute", "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > len("1000000"):
        raise InvalidInput(str(TEXT.keys.no_number), field="requests_per_minute")
    return int(text)


def _budgets() -> KeyBudgets:
    """Return the budgets of the form; blank: as much as all may. Raises InvalidInput."""
    budgets = KeyBudgets()
    for name in ("daily", "monthly"):
        text = request.form.get(name, "").strip().removeprefix("$")
        try:
            budgets = replace(budgets, **{name: microusd(text) if text else None})
            budgets.check()
        except InvalidInput as error:
            raise InvalidInput(str(error), field=name) from error
    return budgets


def _typed(amount: int | None) -> str:
    """Return an amount as one would type it."""
    return "" if amount is None else f"{(Decimal(amount) / MICRO).normalize():f}"


def _told() -> str | None:
    """Return what a form has just done, in words."""
    return told_in(TEXT.keys.told, request.args.get("told", ""))


def _not_kept(response: Response) -> Response:
    """Keep a page that shows a secret out of every cache, the way back to it included."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _to(view: str, told: str, **values: Any) -> Response:
    return cast(Response, redirect(url_for(f"web.keys.{view}", told=told, **values), 303))
