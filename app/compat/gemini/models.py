"""/gemini/…/models: the image models of the catalog, as Google would list them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.compat.door import needs
from app.compat.gemini.addresses import check_version
from app.errors import InvalidInput
from app.models import Role
from app.providers.base import ModelNotFound
from app.providers.catalog import Model
from app.providers.gemini_addresses import GENERATE, STREAM
from app.services.provider_choice import provider_choice

blueprint = Blueprint("models", __name__)
PAGE_SIZE = 50
LARGEST_PAGE = 1_000


@blueprint.get("/<version>/models")
@needs(Role.VIEWER)
def index(version: str) -> Response:
    """Return a page of them, in the order of the catalog."""
    check_version(version)
    size = min(_number("pageSize", PAGE_SIZE) or PAGE_SIZE, LARGEST_PAGE)
    begin = _number("pageToken", 0)
    models = _image_models()
    page = [_told(each) for each in models[begin : begin + size]]
    more = {"nextPageToken": str(begin + size)} if begin + size < len(models) else {}
    return jsonify(models=page, **more)


@blueprint.get("/<version>/models/<name>")
@needs(Role.VIEWER)
def show(version: str, name: str) -> Response:
    """Return one of them. Raises ModelNotFound."""
    check_version(version)
    found = next((each for each in _image_models() if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in _image_models())
        raise ModelNotFound(f"There is no model {name[:100]!r} here, but {names}.")
    return jsonify(_told(found))


@blueprint.get("/<version>/tunedModels")
@needs(Role.VIEWER)
def tuned(version: str) -> Response:
    """Return none: there are no tuned models here."""
    check_version(version)
    return jsonify(tunedModels=[])


def _image_models() -> list[Model]:
    return [each for each in provider_choice().catalog.models if each.provider == "gemini"]


def _told(model: Model) -> dict[str, Any]:
    limit = {"inputTokenLimit": model.max_input_tokens} if model.max_input_tokens else {}
    return {
        "name": f"models/{model.name}",
        "baseModelId": model.name,
        "version": model.name,
        "displayName": model.name,
        "description": f"Draws {', '.join(model.sizes)} in {', '.join(model.aspect_ratios)}.",
        **limit,
        "supportedGenerationMethods": [GENERATE, STREAM],
    }


def _number(name: str, default: int) -> int:
    text = request.args.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - 32 bits
        raise InvalidInput(f"{name} must be a number, or what the page before told.", field=name)
    return int(text)
