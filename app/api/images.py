"""/api/images: the history, a page at a time, and each picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.http import is_resource_modified

from app.api import caching
from app.api.auth import requires
from app.api.image_query import ListQuery
from app.api.paging import page_answer, slice_answer
from app.api.shapes import image_json, record_etag
from app.api.validation import Strict, parse_query
from app.extensions import current_settings
from app.models import Image, Role
from app.models.cursor import Cursor
from app.models.image_manager import ImageManager

blueprint = Blueprint("images", __name__, url_prefix="/images")
# What a picture may do when it is opened by itself: be looked at.
SANDBOX = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
YEAR_SECONDS = 365 * 24 * 3600


class ShowQuery(Strict):
    """The query of GET /api/images/{id}."""

    include: Literal["base64"] | None = None


class FileQuery(Strict):
    """The query of a picture's bytes: `v` is the beginning of its sha256, as links have it."""

    v: str | None = None


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
    image = ImageManager().get(image_id)
    return _picture(image, query.v, image.sha256, image.mime_type, lambda: image.blob.data)


@blueprint.get("/<int:image_id>/thumbnail")
@requires(Role.VIEWER)
def thumbnail(image_id: int) -> Response:
    """A small WebP of the picture."""
    query = parse_query(ThumbnailQuery)
    manager = ImageManager()
    image = manager.get(image_id)
    small = manager.thumbnail(image, int(query.size))
    etag = f"{image.sha256}-{small.size}"
    return _picture(image, query.v, etag, "image/webp", lambda: small.data)


def _picture(
    image: Image, version: str | None, etag: str, mime_type: str, read: Callable[[], bytes]
) -> Response:
    """Answer with bytes, or with 304 without reading them."""
    response = make_response()
    response.mimetype = mime_type
    response.set_etag(etag)
    response.last_modified = image.created_at
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = _caching(image, version)
    if not is_resource_modified(request.environ, etag, last_modified=image.created_at):
        response.status_code = 304
        return response
    data = read()
    response.set_data(data)
    response.make_conditional(request, accept_ranges=True, complete_length=len(data))
    return response


def _caching(image: Image, version: str | None) -> str:
    """A link that names the bytes may be kept for ever; a bare id must be asked for again."""
    if version and image.sha256.startswith(version):
        return f"private, max-age={YEAR_SECONDS}, immutable"
    return "private, no-cache"
