"""GET /metrics, for Prometheus. Outside /api, but with a key like all there."""

from __future__ import annotations

from flask import Blueprint, Response

from app.api import auth
from app.api.auth import requires
from app.api.openapi.declare import Answer, documented
from app.key_door import tell_allowance
from app.models import Role

blueprint = Blueprint("metrics", __name__)
blueprint.before_request(auth.check_key)
blueprint.after_request(tell_allowance)


@blueprint.get("/metrics")
@requires(Role.VIEWER)
@documented({200: Answer("Prometheus's text format.", None, (), ("text/plain",))})
def metrics() -> Response:
    """What is counted and measured here, for Prometheus."""
    from app.services.metrics import CONTENT_TYPE, render  # loads what nothing else needs

    return Response(render(), content_type=CONTENT_TYPE)
