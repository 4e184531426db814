"""Other services' wire formats over ours, so that their clients change an address and a key alone."""

from __future__ import annotations

from flask import Flask

from app.compat import gemini, openai
from app.services.proxy_places import ProxyPlaces


def init_app(app: Flask) -> None:
    """Register the faces, and let each answer errors below its own addresses in its own shape."""
    app.extensions["proxy_places"] = ProxyPlaces()
    app.register_blueprint(openai.blueprint)
    app.register_blueprint(gemini.blueprint)
    app.after_request(openai.finish)
    app.after_request(gemini.finish)
