"""/api/images/{id}/lineage: what a picture was made from, and what was made from it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.api.answers.image import Lineage
from app.api.auth import requires
from app.api.fields import ImageId
from app.api.openapi.declare import Answer, documented
from app.api.shapes import rows_json
from app.models import Role
from app.models.lineage import lineage_of

blueprint = Blueprint("lineage", __name__, url_prefix="/images")


@blueprint.get("/<int:image_id>/lineage")
@requires(Role.VIEWER)
@documented({200: Answer("The tree, up and down.", Lineage)})
def lineage(image_id: ImageId) -> Response:
    """The images that this one was made from, and those made from it, deleted ones included."""
    found = lineage_of(image_id)
    [image] = rows_json([found.image])
    return jsonify(
        image=image,
        ancestors=rows_json(found.ancestors),
        descendants=rows_json(found.descendants),
        complete=found.complete,
    )
