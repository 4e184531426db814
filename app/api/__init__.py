"""Our own REST API, one file a resource."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask
from flask.json.provider import DefaultJSONProvider

from app.api import auth, generations, health, images, problems, root


def init_app(app: Flask) -> None:
    """Register the API and the shape of its errors."""
    json = cast(DefaultJSONProvider, app.json)
    json.sort_keys = False  # fields come in the order of the docs
    json.ensure_ascii = False  # and prompts in their own script
    api = Blueprint("api", __name__, url_prefix="/api")
    api.before_request(auth.check_key)
    api.register_blueprint(generations.blueprint)
    api.register_blueprint(images.blueprint)
    app.register_blueprint(api)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(root.blueprint)
    problems.init_app(app)
