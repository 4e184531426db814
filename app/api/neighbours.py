"""/api/images/{id}/neighbours: the ways on from one picture, newer and older, within a filter."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from app.api.answers.image import Neighbours
from app.api.auth import requires
from app.api.fields import ImageId
from app.api.image_query import FilterQuery
from app.api.openapi.declare import Answer, documented
from app.api.shapes import image_links
from app.models import Role
from app.models.neighbours import Neighbour, neighbours_of

blueprint = Blueprint("neighbours", __name__, url_prefix="/images")


@blueprint.get("/<int:image_id>/neighbours")
@requires(Role.VIEWER)
@documented({200: Answer("The ways on.", Neighbours)}, query=FilterQuery)
def neighbours(image_id: ImageId, query: FilterQuery) -> Response:
    """The next newer and the next older image that the filter lets through."""
    found = neighbours_of(image_id, query.filter())
    return jsonify(newer=_shown(found.newer), older=_shown(found.older), exact=found.exact)


def _shown(image: Neighbour | None) -> dict[str, Any] | None:
    if image is None:
        return None
    return {"id": image.id, "links": image_links(image.id, image.sha256)}
