"""/trash/purge: remove for good what is in the trash. For administrators."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, redirect, request, url_for

from app.errors import OtherNumber
from app.models import Role
from app.models.image_filter import ImageFilter
from app.models.types import LARGEST_NUMBER
from app.services.purge import preview, purge_matching
from app.services.reports.storage import database_room
from app.web.door import needs
from app.web.rendering import page
from app.web.texts import TEXT

blueprint = Blueprint("purge", __name__, url_prefix="/trash/purge")
TRASH = ImageFilter(deleted="only")
LONGEST_NUMBER = len(str(LARGEST_NUMBER))


@blueprint.get("")
@needs(Role.ADMIN)
def ask() -> Response:
    """Tell how much would go, and ask for that number."""
    return _ask()


@blueprint.post("")
@needs(Role.ADMIN)
def purge() -> Response:
    """Remove everything in the trash, if that is as much as whoever asks has seen and typed."""
    typed = request.form.get("count", "").replace(",", "").strip()
    expected = request.form.get("expected", "")
    if not expected.isdecimal() or len(expected) > LONGEST_NUMBER or typed != expected:
        return _ask(422, TEXT.purge.not_typed)
    try:
        purged = purge_matching(TRASH, int(expected), forget="forget" in request.form)
    except OtherNumber:
        return _ask(409, TEXT.purge.other_number)
    address = url_for(".done", purged=purged.purged, freed=purged.bytes_freed)
    return cast(Response, redirect(address, 303))


@blueprint.get("/done")
@needs(Role.ADMIN)
def done() -> Response:
    """Tell what went."""
    return page(
        "purge/done.html",
        purged=_told("purged"),
        freed=_told("freed"),
    )


def _told(name: str) -> int:
    """Return a number of the address; 0 for what is none, or more than any database holds."""
    given = request.args.get(name, "")
    return int(given) if given.isdecimal() and len(given) <= LONGEST_NUMBER else 0


def _ask(status: int = 200, problem: str | None = None) -> Response:
    return page(
        "purge/index.html",
        status,
        count=preview(TRASH),
        freed=database_room()["purge_bytes"],
        problem=problem,
    )
