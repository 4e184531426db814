"""/api/images/purge: removing deleted images for good."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify
from pydantic import ConfigDict, Field, StrictBool

from app.api.answers.image import PurgeAnswer
from app.api.auth import requires
from app.api.openapi.declare import Answer, documented
from app.api.targets import WAYS, Targets
from app.models import Role
from app.services import purge as purging

blueprint = Blueprint("purge", __name__, url_prefix="/images")


class PurgeBody(Targets):
    """Deleted images, by their ids or by a filter, which means those of its images that are deleted:
    with `dry_run` first, and afterwards with `expected`, the number that it told.
    """

    model_config = ConfigDict(json_schema_extra={**WAYS, "examples": [{"ids": [17, 18]}]})

    forget: StrictBool = Field(
        default=False, description="Erase the words too that no image is left of."
    )


@blueprint.post("/purge")
@requires(Role.ADMIN)
@documented(
    {200: Answer("What was done, or with dry_run what would be.", PurgeAnswer)},
    body=PurgeBody,
    errors=("not_found", "conflict"),
)
def purge(body: PurgeBody) -> Response:
    """Remove deleted images for good, by their ids or all that a filter means, with their room."""
    chosen = body.chosen()
    if isinstance(chosen, list):
        return jsonify(asdict(purging.purge_images(chosen, forget=body.forget)))
    if body.expected is not None:
        done = purging.purge_matching(chosen, body.expected, forget=body.forget)
        return jsonify(asdict(done))
    matched = purging.preview(chosen)
    return jsonify(matched=matched, would_purge=matched, expected=matched)
