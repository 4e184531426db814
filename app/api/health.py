"""Whether this process answers, and whether it can do its work. Open to all."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, jsonify

from app.api.answers.service import Ready, Well
from app.api.openapi.declare import Answer, documented
from app.api.problems import problem
from app.errors import ConfigurationError
from app.logs import tell
from app.services.health import workers
from app.services.schema import require_current

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@documented({200: Answer("It answers.", Well)})
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@documented({200: Answer("It is ready.", Ready)}, errors=("not_ready", "database_unavailable"))
def readyz() -> Response:
    """The database answers and its schema is that of this version; and whether a worker is alive.

    Without a worker it is ready all the same: it shows the history, and what it is asked for waits.
    """
    try:
        require_current()
    except ConfigurationError as error:
        # The reason names files and hosts: it is for the log, not for whoever asks.
        tell("not_ready", level=logging.WARNING, message=f"not ready: {error}")
        return problem(503, "The database is not ready; see the log.", "not_ready")
    alive = [each.silent_seconds for each in workers() if each.alive]
    return jsonify(
        status="ok",
        worker="alive" if alive else "none",
        workers=len(alive),
        heartbeat_age_seconds=round(min(alive), 1) if alive else None,
    )
