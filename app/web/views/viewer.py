"""/images/{id}: one picture, large, with all that is known of it; its marks, deletion and return."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import InvalidInput, NotFound, PreconditionFailed
from app.extensions import current_settings
from app.models import Image, Role
from app.models.image_filter import ImageFilter
from app.models.neighbours import Neighbour, Neighbours, neighbours_of
from app.models.types import IDS
from app.services import marks
from app.services.picture_view import PictureView, picture_view, place_in_list
from app.services.same_again import as_curl, as_python, as_text
from app.web.door import needs, wants_fragment
from app.web.filters import asked_filter, parameters
from app.web.rendering import page, page_or_fragment

blueprint = Blueprint("viewer", __name__)
PAGE_SIZE = 60


@blueprint.get("/images/<int:image_id>")
@needs(Role.VIEWER)
def show(image_id: int) -> Response:
    """A picture, deleted or not, as a page, and to a script as the part that its dialog shows."""
    wanted = asked_filter()
    try:
        seen = picture_view(image_id, wanted)
    except NotFound:
        if wants_fragment():
            raise
        return page("viewer/missing.html", 404, image_id=image_id)
    return _shown(seen, wanted)


@blueprint.post("/images/<int:image_id>/favourite")
@needs(Role.CREATOR)
def favourite(image_id: int) -> Response:
    """Give a picture its star, or take it away, as `favourite` says: true or false."""
    wanted = request.form.get("favourite") == "true"
    marks.change_image(image_id, marks.put(marks.Marks(favourite=wanted)))
    return _to(image_id)


@blueprint.post("/images/<int:image_id>/marks")
@needs(Role.CREATOR)
def mark(image_id: int) -> Response:
    """Have a picture's tags, note and project be those of the form; what it has not stays.

    With `revision` only while the picture is still as the form showed it.
    """
    form = request.form
    wanted = marks.Marks(
        tags=[tag for tag in form.getlist("tag") if tag.strip()] if "tag" in form else marks.KEEP,
        note=form["note"].replace("\r\n", "\n") if "note" in form else marks.KEEP,
        project=form["project"].strip() or None if "project" in form else marks.KEEP,
    )
    try:
        marks.change_image(image_id, marks.put(wanted), _is_as_shown)
    except (InvalidInput, PreconditionFailed) as error:
        status = 422 if isinstance(error, InvalidInput) else 412
        filtered = asked_filter()
        return _shown(picture_view(image_id, filtered), filtered, status, wrong=error)
    return _to(image_id, told="saved")


@blueprint.post("/images/<int:image_id>/delete")
@needs(Role.CREATOR)
def delete(image_id: int) -> Response:
    """Delete a picture softly and go on to the next, or else back to the gallery."""
    wanted = asked_filter()
    marks.change_image(image_id, marks.delete())
    before, after = _ways(neighbours_of(image_id, wanted), wanted)
    onward = after or before
    told = {"told": "deleted", "undo": str(image_id)}
    if onward:
        return _to(onward.id, **told)
    return _redirect(url_for("web.gallery.index"), **told)


@blueprint.post("/images/<int:image_id>/restore")
@needs(Role.CREATOR)
def restore(image_id: int) -> Response:
    """Take a soft delete back."""
    marks.change_image(image_id, marks.restore())
    return _to(image_id, told="restored")


def _is_as_shown(image: Image) -> bool:
    """Tell whether nobody changed a picture since it was shown with the form."""
    return request.form.get("revision") in {None, str(image.revision)}


def _shown(
    seen: PictureView,
    wanted: ImageFilter,
    status: int = 200,
    wrong: InvalidInput | PreconditionFailed | None = None,
) -> Response:
    """Return the page of a picture, or the part of it that a script asks for."""
    before, after = _ways(seen.neighbours, wanted)
    undo = request.args.get("undo", 0, type=int)
    return page_or_fragment(
        "viewer/index.html",
        "viewer/_viewer.html",
        status,
        seen=seen,
        image=seen.image,
        before=before,
        after=after,
        newest_last=wanted.sort == "oldest",
        suffix=_query(parameters()),
        close=_close(seen, wanted),
        again=_again(seen),
        wrong=wrong,
        typed=request.form,
        told=request.args.get("told"),
        undo=undo if undo in IDS else None,
    )


def _ways(found: Neighbours, wanted: ImageFilter) -> tuple[Neighbour | None, Neighbour | None]:
    """Return what comes before and what comes after, in the order that the gallery has."""
    if wanted.sort == "oldest":
        return found.older, found.newer
    return found.newer, found.older


def _close(seen: PictureView, wanted: ImageFilter) -> str:
    """Return the address of the gallery where it shows the picture."""
    asked = parameters()
    # A script goes back to the page that it came from.
    place = None if wants_fragment() else place_in_list(seen.kept, wanted, PAGE_SIZE)
    if place is not None:
        asked.append(("cursor", place.encode(wanted)))
    return f"{url_for('web.gallery.index')}{_query(asked)}#image-{seen.kept.id}"


def _again(seen: PictureView) -> dict[str, str]:
    """Return what made the picture, to be copied."""
    address = str(current_settings().public_url or request.url_root)
    texts = {"text": as_text(seen.image)}
    if seen.again is not None:
        texts |= {"curl": as_curl(seen.again, address), "python": as_python(seen.again, address)}
    return texts


def _to(image_id: int, **told: str) -> Response:
    return _redirect(url_for("web.viewer.show", image_id=image_id), **told)


def _redirect(address: str, **told: str) -> Response:
    """Go on, within the filter that the request came with."""
    return cast(Response, redirect(address + _query([*parameters(), *told.items()]), 303))


def _query(asked: list[tuple[str, str]]) -> str:
    return f"?{urlencode(asked)}" if asked else ""
