"""/api/images: favourites, tags, notes, projects; soft deletes and their undo; many at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import ConfigDict, Field, StrictBool

from app.api.answers.image import BulkAnswer
from app.api.answers.image import Image as ImageShape
from app.api.auth import requires
from app.api.fields import ImageId, Note, Project, Tag
from app.api.openapi.declare import Answer, documented
from app.api.shapes import image_json, record_etag
from app.api.targets import WAYS, Targets
from app.api.validation import InvalidFields, Strict
from app.models import Image, Role
from app.services import marks
from app.services.marks import KEEP, MOST_TAGS, Change, Condition, Marks

blueprint = Blueprint("marks", __name__, url_prefix="/images")
BULK: dict[str, Any] = {"action": "tag", "ids": [17, 18], "tags": ["sea"]}
USES: Any = [
    {
        "if": {"properties": {"action": {"enum": actions}}},
        "then": {"required": [field]},
        "else": {"properties": {field: False}},
    }
    for field, actions in {"tags": ["tag", "untag"], "project": ["project"]}.items()
]


# By a factory, so that the documentation names no default: what is left out stays as it is.
def unchanged(description: str, example: Any, **more: Any) -> Any:
    """Return a field that may be left out."""
    return Field(default_factory=lambda: KEEP, description=description, examples=[example], **more)


class MarksBody(Strict):
    """Marks; what is left out stays as it is."""

    favourite: StrictBool = unchanged("Whether it has a star.", example=True)
    tags: list[Tag] = unchanged(
        "All that it shall have; those that differ in case alone are one.",
        ["sea", "dusk"],
        json_schema_extra={"maxItems": MOST_TAGS},
    )
    note: Note | None = unchanged("Any words about it; null for none.", "for the cover")
    project: Project | None = unchanged("Whom it is for; null for nobody.", "acme")


class BulkBody(Targets):
    """A change of many images, by their ids or by a filter: with `dry_run` first, and afterwards
    with `expected`, the number that it told. `tags` and `project` go with the actions that use them.
    """

    model_config = ConfigDict(json_schema_extra={**WAYS, "allOf": USES, "examples": [BULK]})

    action: Literal["favourite", "unfavourite", "tag", "untag", "delete", "restore", "project"] = (
        Field(description="What to do.", examples=["tag"])
    )
    tags: list[Tag] = Field(
        default_factory=list,
        min_length=1,
        max_length=MOST_TAGS,
        description="For tag and untag.",
        examples=[["sea"]],
    )
    project: Project | None = Field(
        None, description="For project: null for nobody.", examples=["acme"]
    )


@blueprint.patch("/<int:image_id>")
@requires(Role.CREATOR)
@documented(
    {200: Answer("The image as it is now.", ImageShape, ("ETag",))},
    body=MarksBody,
    headers=("If-Match",),
    errors=("precondition_failed",),
)
def patch(image_id: ImageId, body: MarksBody) -> Response:
    """Change an image's marks; with If-Match only if it is still as the caller saw it."""
    wanted = Marks(body.favourite, body.tags, body.note, body.project)
    return _shown(marks.change_image(image_id, marks.put(wanted), _if_match()))


@blueprint.delete("/<int:image_id>")
@requires(Role.CREATOR)
@documented(
    {204: Answer("It is deleted, perhaps since before.")},
    headers=("If-Match",),
    errors=("precondition_failed",),
)
def delete(image_id: ImageId) -> tuple[str, int]:
    """Delete an image softly: lists leave it out, and it can be restored."""
    marks.change_image(image_id, marks.delete(), _if_match())
    return "", 204


@blueprint.post("/<int:image_id>/restore")
@requires(Role.CREATOR)
@documented(
    {200: Answer("The image as it is now.", ImageShape, ("ETag",))},
    headers=("If-Match",),
    errors=("precondition_failed",),
)
def restore(image_id: ImageId) -> Response:
    """Undo a soft delete."""
    return _shown(marks.change_image(image_id, marks.restore(), _if_match()))


@blueprint.post("/bulk")
@requires(Role.CREATOR)
@documented(
    {200: Answer("What was done, or with dry_run what would be.", BulkAnswer)},
    body=BulkBody,
    errors=("not_found", "conflict"),
)
def bulk(body: BulkBody) -> Response:
    """Change up to 1,000 images by their ids, or all that a filter means: all of them, or none."""
    change, chosen = _change(body), body.chosen()
    if isinstance(chosen, list):
        return jsonify(asdict(marks.change_images(chosen, change)))
    if body.expected is not None:
        return jsonify(asdict(marks.change_matching(chosen, change, body.expected)))
    seen = marks.preview(chosen, change)
    return jsonify(matched=seen.matched, would_change=seen.changed, expected=seen.matched)


def _change(body: BulkBody) -> Change:
    """Return what the body asks for. Raises InvalidFields when something misses or is too much."""
    _check_fields(body)
    match body.action:
        case "favourite" | "unfavourite":
            return marks.put(Marks(favourite=body.action == "favourite"))
        case "tag":
            return marks.add_tags(body.tags)
        case "untag":
            return marks.remove_tags(body.tags)
        case "delete":
            return marks.delete()
        case "restore":
            return marks.restore()
        case "project":
            return marks.put(Marks(project=body.project))


def _check_fields(body: BulkBody) -> None:
    """Hold the body to what its action needs: a project that is forgotten must not take it away."""
    needed = {"tag": {"tags"}, "untag": {"tags"}, "project": {"project"}}.get(body.action, set())
    given = body.model_fields_set & {"tags", "project"}
    messages = {
        **dict.fromkeys(needed - given, f"{body.action} needs this"),
        **dict.fromkeys(given - needed, f"{body.action} does not take this"),
    }
    if messages:
        raise InvalidFields([{"field": key, "message": text} for key, text in messages.items()])


def _if_match() -> Condition | None:
    """Return the condition of If-Match (RFC 9110); weak tags never match, `*` always does."""
    if "If-Match" not in request.headers:
        return None
    accepted = request.if_match

    def holds(image: Image) -> bool:
        return accepted.contains(record_etag(image))

    return holds


def _shown(image: Image) -> Response:
    response = jsonify(image_json(image))
    response.set_etag(record_etag(image))
    return response
