"""/api/searches: filters of the history, kept by a name for all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, url_for
from pydantic import Field

from app.api.answers.search import Search, SearchList
from app.api.auth import requires
from app.api.fields import KnownSearch, SearchName
from app.api.image_query import FilterQuery
from app.api.openapi.declare import Answer, documented
from app.api.targets import FILTER, Filter, as_lists
from app.api.validation import Strict, checked
from app.models import Role, SavedSearch
from app.services.records import search_record
from app.services.searches import delete_search, get_search, list_searches, save_search

blueprint = Blueprint("searches", __name__, url_prefix="/searches")


class SearchBody(Strict):
    """A filter to keep."""

    query: Filter = Field(description=FILTER, examples=[{"q": "red fox", "favourite": "true"}])


@blueprint.get("")
@requires(Role.VIEWER)
@documented({200: Answer("The searches.", SearchList)})
def index() -> Response:
    """Every kept search."""
    return jsonify(items=[_shown(search) for search in list_searches()])


@blueprint.get("/<name>")
@requires(Role.VIEWER)
@documented({200: Answer("The search.", Search)})
def show(name: KnownSearch) -> Response:
    """One kept search; its link leads to what it finds."""
    return jsonify(_shown(get_search(name)))


@blueprint.put("/<name>")
@requires(Role.CREATOR)
@documented(
    {
        200: Answer("The search in place of the one before.", Search),
        201: Answer("The search, new.", Search),
    },
    body=SearchBody,
    errors=("conflict",),
)
def save(name: SearchName, body: SearchBody) -> tuple[Response, int]:
    """Keep a filter by a name, in place of what the name meant before."""
    query = as_lists(body.query)
    checked(FilterQuery, query)
    search, is_new = save_search(name, query)
    return jsonify(_shown(search)), 201 if is_new else 200


@blueprint.delete("/<name>")
@requires(Role.CREATOR)
@documented({204: Answer("It is gone, perhaps since before.")})
def delete(name: KnownSearch) -> tuple[str, int]:
    """Forget a kept search."""
    delete_search(name)
    return "", 204


def _shown(search: SavedSearch) -> dict[str, Any]:
    images = f"{url_for('api.images.index')}?{urlencode(search.query, doseq=True)}"
    return {
        **search_record(search),
        "links": {"self": url_for("api.searches.show", name=search.name), "images": images},
    }
