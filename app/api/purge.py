"""/api/images/purge: removing deleted images for good."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify
from pydantic import StrictBool

from app.api.auth import requires
from app.api.targets import Targets
from app.api.validation import parse_body
from app.models import Role
from app.services import purge as purging

blueprint = Blueprint("purge", __name__, url_prefix="/images")


class PurgeBody(Targets):
    """The body of POST /api/images/purge; a filter means those of its images that are deleted.

    `forget` erases the words too that no image is left of.
    """

    forget: StrictBool = False


@blueprint.post("/purge")
@requires(Role.ADMIN)
def purge() -> Response:
    """Remove deleted images for good, by their ids or all that a filter means, with their room."""
    body = parse_body(PurgeBody)
    chosen = body.chosen()
    if isinstance(chosen, list):
        return jsonify(asdict(purging.purge_images(chosen, forget=body.forget)))
    if body.expected is not None:
        done = purging.purge_matching(chosen, body.expected, forget=body.forget)
        return jsonify(asdict(done))
    matched = purging.preview(chosen)
    return jsonify(matched=matched, would_purge=matched, expected=matched)
