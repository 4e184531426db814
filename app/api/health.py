"""Whether this process answers, and whether it can do its work. Open to all."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from app.api.answers.service import Well
from app.api.openapi.declare import Answer, documented
from app.api.problems import problem
from app.errors import ConfigurationError
from app.services.schema import require_current

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@documented({200: Answer("It answers.", Well)})
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@documented({200: Answer("It is ready.", Well)}, errors=("not_ready",))
def readyz() -> Response:
    """The database answers and its schema is that of this version."""
    try:
        require_current()
    except ConfigurationError as error:
        # The reason names files and hosts: it is for the log, not for whoever asks.
        current_app.logger.warning("not ready: %s", error)
        return problem(503, "The database is not ready; see the log.", "not_ready")
    return jsonify(status="ok")
