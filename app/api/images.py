"""/api/images: the history, a page at a time, and each picture."""

from __future__ import annotations

from typing import Any, Literal, cast

from flask import Blueprint, Response, current_app, jsonify
from pydantic import Field

from app.api import caching
from app.api.answers.image import FullImage, ImagePage
from app.api.auth import requires
from app.api.fields import ImageId
from app.api.image_query import ListQuery
from app.api.openapi.declare import Answer, documented
from app.api.paging import page_answer, slice_answer
from app.api.pictures import picture_answer
from app.api.recent_pages import RecentPages
from app.api.shapes import image_json, record_etag
from app.api.validation import Strict
from app.extensions import current_settings
from app.models import Role
from app.models.cursor import Cursor
from app.models.image_manager import ImageManager
from app.models.picture_file import picture_file, thumbnail_file
from app.services.file_names import EXTENSIONS

blueprint = Blueprint("images", __name__, url_prefix="/images")


class ShowQuery(Strict):
    """The query of GET /api/images/{id}."""

    include: Literal["base64"] | None = Field(None, description="The bytes too, as base64.")


class FileQuery(Strict):
    """The query of a picture's bytes."""

    v: str | None = Field(
        None,
        description="The beginning of its sha256, as links have it: when it matches, the answer may "
        "be cached for ever.",
        examples=["5f2d1a0b9c3e"],
    )
    download: Literal["0", "1"] = Field(
        "0", description="1: a browser saves it instead of showing it."
    )


class ThumbnailQuery(FileQuery):
    """The query of a thumbnail."""

    size: Literal["320", "640"] = Field("320", description="Its longest side in pixels.")


CONDITIONAL: Any = {
    "headers": (
        *("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"),
        *("Range", "If-Range"),
    ),
    "errors": ("precondition_failed", "requested_range_not_satisfiable"),
}


def bytes_answers(*types: str) -> dict[int, Answer]:
    """Return what a picture's bytes are answered with."""
    told = (
        *("ETag", "Last-Modified", "Cache-Control", "Vary"),
        *("Accept-Ranges", "Content-Disposition"),
    )
    return {
        200: Answer("The picture.", None, told, types),
        206: Answer("The part that was asked for.", None, (*told, "Content-Range"), types),
        304: Answer("The caller has it.", None, told),
    }


@blueprint.get("")
@requires(Role.VIEWER)
@documented(
    {200: Answer("A page.", ImagePage, ("Link",))},
    query=ListQuery,
)
def index(query: ListQuery) -> Response:
    """The history: a numbered page, or with `limit` or `cursor` a slice that goes on by cursor."""
    tag = caching.list_tag()
    if caching.has(tag):
        return caching.unchanged(tag)
    recent = cast(RecentPages, current_app.extensions["recent_pages"])
    response = recent.get(tag)
    if response is None:
        response = _page(query)
        recent.keep(tag, response)
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
@documented({200: Answer("The image.", FullImage, ("ETag",))}, query=ShowQuery)
def show(image_id: ImageId, query: ShowQuery) -> Response:
    """One image's record; with `include=base64` its bytes too."""
    image = ImageManager().get(image_id)
    shown = image_json(image)
    if query.include == "base64":
        shown["image_base64"] = image.image_base64
    response = jsonify(shown)
    response.set_etag(record_etag(image))
    return response


@blueprint.get("/<int:image_id>/file")
@requires(Role.VIEWER)
@documented(bytes_answers(*EXTENSIONS), query=FileQuery, **CONDITIONAL)
def file(image_id: ImageId, query: FileQuery) -> Response:
    """The picture as it was kept."""
    return picture_answer(picture_file(image_id), query.v, save=query.download == "1")


@blueprint.get("/<int:image_id>/thumbnail")
@requires(Role.VIEWER)
@documented(bytes_answers("image/webp"), query=ThumbnailQuery, **CONDITIONAL)
def thumbnail(image_id: ImageId, query: ThumbnailQuery) -> Response:
    """A small WebP of the picture."""
    picture = thumbnail_file(image_id, int(query.size))
    return picture_answer(picture, query.v, save=query.download == "1")
