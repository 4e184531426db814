"""/selection: what the bar does with the pictures that were chosen; scripts do the same by the API."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, redirect, request, stream_with_context

from app.errors import InvalidInput
from app.models import Role
from app.models.image_manager import ImageManager
from app.models.types import utc_now
from app.services import marks
from app.services.archive.streaming import stream_zip
from app.services.marks import Change, Marks, change_images
from app.web.addresses import back, numbers
from app.web.door import needs, require
from app.web.rendering import page

blueprint = Blueprint("selection", __name__)
# Of the API too.
MOST_PICTURES = 1_000
# What changes nothing.
READING = ("", "export", "compare")


@blueprint.post("/selection")
@needs(Role.VIEWER)
def act() -> Response:
    """Do what the pressed button says with the chosen pictures, and go back to their page."""
    action, ids = request.form.get("action", ""), _chosen()
    if action not in READING:
        require(Role.CREATOR)
    if not ids:
        return _back("nothing_chosen")
    match action:
        case "export":
            return _zip(ids)
        case "share":
            chosen = ImageManager().rows(ids)
            return page("shares/new.html", chosen=chosen, asked={}, wrong=None)
        case "compare":
            address = f"{request.script_root}/compare?ids={','.join(map(str, ids))}"
            return cast(Response, redirect(address, 303))
    told, change = _change(action)
    change_images(ids, change)
    return _back(told, ids if told == "deleted_some" else [])


def _change(action: str) -> tuple[str, Change]:
    """Return what is told afterwards, and the change. Raises InvalidInput."""
    tags = [tag for tag in request.form.get("tags", "").split(",") if tag.strip()]
    if action == "words":  # by Enter in one of the fields
        if not tags and not request.form.get("project", "").strip():
            raise InvalidInput("Write a tag or the name of a project.", field="tags")
        action = "tag" if tags else "project"
    match action:
        case "favourite" | "unfavourite":
            return f"{action}_some", marks.put(Marks(favourite=action == "favourite"))
        case "tag" | "untag":
            return _tagging(action, tags)
        case "project":
            project = request.form.get("project", "").strip() or None
            return "moved", marks.put(Marks(project=project))
        case "delete":
            return "deleted_some", marks.delete()
        case "restore":
            return "restored_some", marks.restore()
    raise InvalidInput(f"There is nothing called {action[:50]!r} to do.", field="action")


def _tagging(action: str, tags: list[str]) -> tuple[str, Change]:
    if not tags:
        raise InvalidInput("Write a tag; of several, with commas between.", field="tags")
    if action == "tag":
        return "tagged", marks.add_tags(tags)
    return "untagged", marks.remove_tags(tags)


def _chosen() -> list[int]:
    """Return the ids of the form, each once. Raises InvalidInput."""
    found = numbers(",".join(request.form.getlist("ids")))
    if len(found) > MOST_PICTURES:
        raise InvalidInput(f"{MOST_PICTURES:,} pictures at a time are the most.", field="ids")
    return found


def _zip(ids: list[int]) -> Response:
    response = Response(stream_with_context(stream_zip(ids)), mimetype="application/zip")
    name = f"proofsheet-{utc_now():%Y-%m-%d}-{len(ids)}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(told: str, undo: list[int] | None = None) -> Response:
    return back(request.form.get("next", ""), told, undo or [])
