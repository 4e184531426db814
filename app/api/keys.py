"""/api/keys: who may use the API; and /api/me: who is asking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import Field

from app.api.answers.key import Key as KeyShape
from app.api.answers.key import KeyList, MadeKey, Me
from app.api.auth import requires
from app.api.fields import BudgetUsd, KeyId, NewKeyName, RequestsPerMinute
from app.api.openapi.declare import Answer, documented
from app.api.validation import Strict
from app.key_door import key_holder
from app.models import Role
from app.models.types import MICRO
from app.services import keys
from app.services.records import key_record

blueprint = Blueprint("keys", __name__)
LIMIT = "What it may spend in a {} (UTC), in US dollars; null: as much as all may."
DAILY: Any = Field(None, description=LIMIT.format("day"), examples=[5.0])
MONTHLY: Any = Field(None, description=LIMIT.format("month"), examples=[50.0])


class NewKey(Strict):
    """A key to make."""

    name: NewKeyName = Field(
        description="Free again once the key is revoked.", examples=["gallery"]
    )
    role: Role = Field(description="What it may do.", examples=["viewer"])
    requests_per_minute: RequestsPerMinute | None = Field(
        None, description="How often it may ask; null: as the settings say.", examples=[600]
    )
    daily_budget_usd: BudgetUsd | None = DAILY
    monthly_budget_usd: BudgetUsd | None = MONTHLY


class KeyChanges(Strict):
    """What to change of a key; what is left out stays."""

    daily_budget_usd: BudgetUsd | None = DAILY
    monthly_budget_usd: BudgetUsd | None = MONTHLY


@blueprint.get("/keys")
@requires(Role.ADMIN)
@documented({200: Answer("The keys.", KeyList)})
def index() -> Response:
    """Every key, revoked ones too, in the order they were made; never the keys themselves."""
    return jsonify(items=[key_record(each) for each in keys.list_keys()])


@blueprint.post("/keys")
@requires(Role.ADMIN)
@documented(
    {201: Answer("The key, told this once.", MadeKey, ("Cache-Control",))},
    body=NewKey,
    errors=("conflict",),
)
def create(body: NewKey) -> tuple[Response, int, dict[str, str]]:
    """Make a key and tell it, this once: only its hash is kept."""
    budgets = keys.KeyBudgets(_microusd(body.daily_budget_usd), _microusd(body.monthly_budget_usd))
    key, token = keys.create_key(body.name, body.role, body.requests_per_minute, budgets)
    return jsonify(**key_record(key), token=token), 201, {"Cache-Control": "no-store"}


@blueprint.patch("/keys/<int:key_id>")
@requires(Role.ADMIN)
@documented({200: Answer("The key.", KeyShape)}, body=KeyChanges)
def change(key_id: KeyId, body: KeyChanges) -> Response:
    """Change the budgets of a key: they hold from the next request on."""
    key = keys.get_key(key_id)
    given = {
        name: _microusd(getattr(body, f"{name}_budget_usd"))
        for name in ("daily", "monthly")
        if f"{name}_budget_usd" in body.model_fields_set
    }
    keys.set_budgets(key, replace(keys.budgets_of_key(key), **given))
    return jsonify(key_record(key))


@blueprint.delete("/keys/<int:key_id>")
@requires(Role.ADMIN)
@documented({204: Answer("It works no longer.")}, errors=("conflict",))
def revoke(key_id: KeyId) -> tuple[str, int]:
    """Revoke a key: it works no longer, from the next request on."""
    keys.revoke_key_by_id(key_id)
    return "", 204


@blueprint.get("/me")
@requires(Role.VIEWER)
@documented({200: Answer("The key that was sent.", Me)})
def me() -> Response:
    """Who is asking."""
    key = keys.get_key(key_holder().id)
    shown = key_record(key)
    return jsonify({name: shown[name] for name in ("name", "role", "prefix", "created_at")})


def _microusd(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * MICRO)
