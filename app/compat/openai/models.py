"""/v1/models: what can draw here, by its own names and by OpenAI's."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify

from app.compat.door import needs
from app.models import Role
from app.providers.base import ModelNotFound
from app.providers.catalog import Model
from app.services.provider_choice import provider_choice

blueprint = Blueprint("models", __name__, url_prefix="/models")
# A program that names a model of OpenAI's gets our default: it changes its address and key alone.
OPENAIS = re.compile(r"(gpt-image|chatgpt-image|dall-e)-[A-Za-z0-9._-]{1,80}")
# When a model came out is not in the catalog.
UNKNOWN_TIME = 0


@blueprint.get("")
@needs(Role.VIEWER)
def index() -> Response:
    """Return the models of whoever draws here, in the order of the catalog."""
    choice = provider_choice()
    active = choice.active()
    models = [each for each in choice.catalog.models if each.provider == active]
    return jsonify(object="list", data=[_told(each.name, each) for each in models])


@blueprint.get("/<path:name>")
@needs(Role.VIEWER)
def show(name: str) -> Response:
    """Return one of them, or by a name of OpenAI's the one that draws in its place."""
    return jsonify(_told(name, model_of(name)))


def model_of(name: str | None) -> Model:
    """Return the model that a name means; None: the default. Raises ModelNotFound."""
    choice = provider_choice()
    if name is None or OPENAIS.fullmatch(name):
        return choice.model(None)
    model = choice.model_of_catalog(name)
    if model is None:
        raise ModelNotFound(
            f"There is no model {name[:100]!r} here; GET /v1/models names those that "
            f"{choice.active()} has. Names of OpenAI's image models mean the default one."
        )
    return model


def _told(name: str, model: Model) -> dict[str, Any]:
    more = {} if name == model.name else {"draws": model.name}
    return {
        "id": name,
        "object": "model",
        "created": UNKNOWN_TIME,
        "owned_by": model.provider,
        **more,
    }
