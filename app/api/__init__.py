"""Our own REST API, one file a resource."""

from __future__ import annotations

from flask import Blueprint, Flask

from app.api import auth, generations, health, images, problems


def init_app(app: Flask) -> None:
    """Register the API and the shape of its errors."""
    api = Blueprint("api", __name__, url_prefix="/api")
    api.before_request(auth.check_key)
    api.register_blueprint(generations.blueprint)
    api.register_blueprint(images.blueprint)
    app.register_blueprint(api)
    app.register_blueprint(health.blueprint)
    problems.init_app(app)
