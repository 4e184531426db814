"""/api/models: what can draw, in which sizes and shapes, and for how much."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify

from app.api.answers.model import DrawingModel, ModelList
from app.api.auth import requires
from app.api.fields import ModelName
from app.api.openapi.declare import Answer, documented
from app.errors import NotFound, ProofsheetError
from app.models import Role
from app.providers.catalog import Model
from app.services.provider_choice import ProviderChoice
from app.services.records import dollars

blueprint = Blueprint("models", __name__, url_prefix="/models")


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("The models.", ModelList)})
def index() -> Response:
    """Every model of the catalog, in its order."""
    choice = _choice()
    drawing, default = _in_use(choice)
    return jsonify(items=[_model_json(each, drawing, default) for each in choice.catalog.models])


@blueprint.get("/<name>")
@requires(Role.VIEWER)
@documented({200: Answer("The model.", DrawingModel)})
def show(name: ModelName) -> Response:
    """One model of the catalog."""
    choice = _choice()
    model = choice.catalog.get(name)
    if model is None:
        raise NotFound(f"The catalog has no model {name[:100]!r}; GET /api/models names them all.")
    return jsonify(_model_json(model, *_in_use(choice)))


def _choice() -> ProviderChoice:
    return cast(ProviderChoice, current_app.extensions["providers"])


def _in_use(choice: ProviderChoice) -> tuple[str | None, str | None]:
    """Return the provider that draws now and the model it takes when none is named.

    Neither where the provider lacks its key: the catalog can be read all the same.
    """
    try:
        model = choice.model(None)
    except ProofsheetError:
        return _active(choice), None
    return model.provider, model.name


def _active(choice: ProviderChoice) -> str | None:
    """Return the provider that draws now, though the settings name a model that it has not."""
    try:
        return choice.active()
    except ProofsheetError:
        return None


def _model_json(model: Model, drawing: str | None, default: str | None) -> dict[str, Any]:
    return {
        "name": model.name,
        "provider": model.provider,
        "usable": model.provider == drawing,
        "default": model.name == default,
        "sizes": list(model.sizes),
        "default_size": model.default_size,
        "aspect_ratios": list(model.aspect_ratios),
        "default_aspect_ratio": model.default_aspect_ratio,
        "prices_usd": {size: dollars(model.microusd_per_image.get(size)) for size in model.sizes},
        "max_input_images": model.max_input_images,
    }
