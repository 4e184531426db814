"""/api/openapi.json: what there is, for programs; /api/docs: the same for people. Open to all."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, cast

from flask import Blueprint, Flask, Response, current_app, json, request
from pydantic import Field
from werkzeug.exceptions import NotFound

from app.api.answers.service import OpenApi
from app.api.fields import Said
from app.api.openapi.declare import Answer, documented

blueprint = Blueprint("documentation", __name__, url_prefix="/api")
OURS = Path(__file__).with_name("docs")
# Swagger UI from its package, started by a file of ours: no other host, nothing inline. Its icons are
# data.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
NAMES = ("start.js", "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")
Asset = Annotated[
    str, Field(description="The file's name.", examples=["start.js"]), Said(enum=list(NAMES))
]
TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
KEPT = ("ETag", "Cache-Control", "Vary")
NOT_CHANGED = Answer("The caller has it.", None, KEPT)


@blueprint.get("/openapi.json")
@documented(
    {200: Answer("OpenAPI 3.1.", OpenApi, KEPT), 304: NOT_CHANGED}, headers=("If-None-Match",)
)
def openapi() -> Response:
    """This document."""
    return _conditional(document(current_app), "application/json")


@blueprint.get("/docs")
@documented(
    {200: Answer("A page.", None, KEPT, ("text/html",)), 304: NOT_CHANGED},
    headers=("If-None-Match",),
)
def docs() -> Response:
    """A page to read this document on, and to try it."""
    response = _conditional((OURS / "index.html").read_bytes(), "text/html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.get("/docs/<name>")
@documented(
    {200: Answer("A file.", None, KEPT, tuple(TYPES.values())), 304: NOT_CHANGED},
    headers=("If-None-Match",),
)
def asset(name: Asset) -> Response:
    """A file that the page needs."""
    if name == "start.js":
        data = (OURS / name).read_bytes()
    elif name in NAMES:
        data = files("flask_swagger_ui").joinpath("dist", name).read_bytes()
    else:
        raise NotFound
    return _conditional(data, TYPES[Path(name).suffix])


def document(app: Flask) -> bytes:
    """Return the document of an app as JSON, built once. Needs its context."""
    if "openapi" not in app.extensions:
        from app.api.openapi.document import build  # who never asks for it need not wait for it

        app.extensions["openapi"] = json.dumps(build(app)).encode() + b"\n"
    return cast(bytes, app.extensions["openapi"])


def _conditional(data: bytes, mime_type: str) -> Response:
    response = Response(data, mimetype=mime_type)
    # Weak: the bytes differ where they go out compressed.
    response.set_etag(hashlib.sha256(data).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return cast(Response, response.make_conditional(request))
