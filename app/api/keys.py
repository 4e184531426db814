"""/api/keys: who may use the API; and /api/me: who is asking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify
from pydantic import StrictInt, StrictStr

from app.api.auth import key_holder, requires
from app.api.validation import Strict, parse_body
from app.models import ApiKey, Role
from app.services import keys
from app.services.records import timestamp

blueprint = Blueprint("keys", __name__)


class NewKey(Strict):
    """The body of POST /api/keys."""

    name: StrictStr
    role: Role
    requests_per_minute: StrictInt | None = None


@blueprint.get("/keys")
@requires(Role.ADMIN)
def index() -> Response:
    """Every key, revoked ones too, in the order they were made; never the keys themselves."""
    return jsonify(items=[_key_json(each) for each in keys.list_keys()])


@blueprint.post("/keys")
@requires(Role.ADMIN)
def create() -> tuple[Response, int, dict[str, str]]:
    """Make a key and tell it, this once: only its hash is kept."""
    body = parse_body(NewKey)
    key, token = keys.create_key(body.name, body.role, body.requests_per_minute)
    return jsonify(**_key_json(key), token=token), 201, {"Cache-Control": "no-store"}


@blueprint.delete("/keys/<int:key_id>")
@requires(Role.ADMIN)
def revoke(key_id: int) -> tuple[str, int]:
    """Revoke a key: it works no longer, from the next request on."""
    keys.revoke_key_by_id(key_id)
    return "", 204


@blueprint.get("/me")
@requires(Role.VIEWER)
def me() -> Response:
    """Who is asking."""
    key = keys.get_key(key_holder().id)
    shown = _key_json(key)
    return jsonify({name: shown[name] for name in ("name", "role", "prefix", "created_at")})


def _key_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "requests_per_minute": key.requests_per_minute,
        "prefix": key.prefix,
        "created_at": timestamp(key.created_at),
        "last_used_at": timestamp(key.last_used_at),
        "revoked_at": timestamp(key.revoked_at),
    }
