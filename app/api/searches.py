"""/api/searches: filters of the history, kept by a name for all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, url_for

from app.api.auth import requires
from app.api.image_query import FilterQuery
from app.api.targets import Filter, as_lists
from app.api.validation import Strict, checked, parse_body
from app.models import Role, SavedSearch
from app.services.records import timestamp
from app.services.searches import delete_search, get_search, list_searches, save_search

blueprint = Blueprint("searches", __name__, url_prefix="/searches")


class SearchBody(Strict):
    """The body of PUT /api/searches/{name}: the parameters of GET /api/images but for its pages."""

    query: Filter


@blueprint.get("")
@requires(Role.VIEWER)
def index() -> Response:
    """Every kept search."""
    return jsonify(items=[_shown(search) for search in list_searches()])


@blueprint.get("/<name>")
@requires(Role.VIEWER)
def show(name: str) -> Response:
    """One kept search; its link leads to what it finds."""
    return jsonify(_shown(get_search(name)))


@blueprint.put("/<name>")
@requires(Role.CREATOR)
def save(name: str) -> tuple[Response, int]:
    """Keep a filter by a name, in place of what the name meant before."""
    query = as_lists(parse_body(SearchBody).query)
    checked(FilterQuery, query)
    search, is_new = save_search(name, query)
    return jsonify(_shown(search)), 201 if is_new else 200


@blueprint.delete("/<name>")
@requires(Role.CREATOR)
def delete(name: str) -> tuple[str, int]:
    """Forget a kept search."""
    delete_search(name)
    return "", 204


def _shown(search: SavedSearch) -> dict[str, Any]:
    images = f"{url_for('api.images.index')}?{urlencode(search.query, doseq=True)}"
    return {
        "name": search.name,
        "query": search.query,
        "created_at": timestamp(search.created_at),
        "links": {"self": url_for("api.searches.show", name=search.name), "images": images},
    }
