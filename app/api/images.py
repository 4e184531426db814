"""/api/images: the history, a page at a time, and each picture."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, Response, jsonify

from app.api import caching
from app.api.auth import requires
from app.api.image_query import ListQuery
from app.api.paging import page_answer, slice_answer
from app.api.pictures import picture_answer
from app.api.shapes import image_json, record_etag
from app.api.validation import Strict, parse_query
from app.extensions import current_settings
from app.models import Role
from app.models.cursor import Cursor
from app.models.image_manager import ImageManager
from app.models.picture_file import picture_file, thumbnail_file

blueprint = Blueprint("images", __name__, url_prefix="/images")


class ShowQuery(Strict):
    """The query of GET /api/images/{id}."""

    include: Literal["base64"] | None = None


class FileQuery(Strict):
    """The query of a picture's bytes: `v` is the beginning of its sha256, as links have it.

    With `download` a browser saves it instead of showing it.
    """

    v: str | None = None
    download: Literal["0", "1"] = "0"


class ThumbnailQuery(FileQuery):
    """The query of a thumbnail: `size` is its longest side in pixels."""

    size: Literal["320", "640"] = "320"


@blueprint.get("")
@requires(Role.VIEWER)
def index() -> Response:
    """The history: a numbered page, or with `limit` or `cursor` a slice that goes on by cursor."""
    query = parse_query(ListQuery)
    tag = caching.list_tag()
    if caching.has(tag):
        return caching.unchanged(tag)
    response = _page(query)
    response.set_etag(tag, weak=True)
    return response


def _page(query: ListQuery) -> Response:
    wanted = query.filter()
    if query.by_cursor:
        limit = query.limit or current_settings().page_size
        cursor = Cursor.decode(query.cursor, wanted) if query.cursor else None
        return slice_answer(ImageManager().slice(wanted, cursor, limit), wanted, query.columns())
    per_page = query.per_page or current_settings().page_size
    page = ImageManager().page(wanted, query.page or 1, per_page)
    return page_answer(page, wanted, query.columns())


@blueprint.get("/<int:image_id>")
@requires(Role.VIEWER)
def show(image_id: int) -> Response:
    """One image's record; with `include=base64` its bytes too."""
    query = parse_query(ShowQuery)
    image = ImageManager().get(image_id)
    shown = image_json(image)
    if query.include == "base64":
        shown["image_base64"] = image.image_base64
    response = jsonify(shown)
    response.set_etag(record_etag(image))
    return response


@blueprint.get("/<int:image_id>/file")
@requires(Role.VIEWER)
def file(image_id: int) -> Response:
    """The picture as it was kept."""
    query = parse_query(FileQuery)
    return picture_answer(picture_file(image_id), query.v, save=query.download == "1")


@blueprint.get("/<int:image_id>/thumbnail")
@requires(Role.VIEWER)
def thumbnail(image_id: int) -> Response:
    """A small WebP of the picture."""
    query = parse_query(ThumbnailQuery)
    picture = thumbnail_file(image_id, int(query.size))
    return picture_answer(picture, query.v, save=query.download == "1")
