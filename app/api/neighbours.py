"""/api/images/{id}/neighbours: the ways on from one picture, newer and older, within a filter."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from app.api.auth import requires
from app.api.image_query import FilterQuery
from app.api.shapes import image_links
from app.api.validation import parse_query
from app.models import Role
from app.models.neighbours import Neighbour, neighbours_of

blueprint = Blueprint("neighbours", __name__, url_prefix="/images")


@blueprint.get("/<int:image_id>/neighbours")
@requires(Role.VIEWER)
def show(image_id: int) -> Response:
    """The next newer and the next older image that the filter lets through."""
    found = neighbours_of(image_id, parse_query(FilterQuery).filter())
    return jsonify(newer=_shown(found.newer), older=_shown(found.older), exact=found.exact)


def _shown(image: Neighbour | None) -> dict[str, Any] | None:
    if image is None:
        return None
    return {"id": image.id, "links": image_links(image.id, image.sha256)}
