"""/api/models: what can draw, in which sizes and shapes, and for how much."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.api.answers.model import DrawingModel, ModelList
from app.api.auth import requires
from app.api.fields import ModelName
from app.api.openapi.declare import Answer, documented
from app.models import Role
from app.services.model_records import model_record, model_records

blueprint = Blueprint("models", __name__, url_prefix="/models")


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("The models.", ModelList)})
def index() -> Response:
    """Every model of the catalog, in its order."""
    return jsonify(items=model_records())


@blueprint.get("/<name>")
@requires(Role.VIEWER)
@documented({200: Answer("The model.", DrawingModel)})
def show(name: ModelName) -> Response:
    """One model of the catalog."""
    return jsonify(model_record(name))
