"""/: the history as rows of pictures, searched and filtered by its address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for

from app.extensions import current_settings
from app.models import Role, Source
from app.models.cursor import Cursor
from app.models.image_filter import ANY, ImageFilter, position_of
from app.models.image_manager import ImageManager
from app.models.known_labels import known_models, known_projects, known_tags
from app.models.types import LARGEST_NUMBER
from app.services.searches import delete_search, list_searches, query_of, save_search
from app.web.addresses import numbers
from app.web.composer import composer_context
from app.web.door import holder, needs, wants_fragment
from app.web.filters import asked_day, asked_filter, filter_of, first_moment, parameters
from app.web.queue import queue_context
from app.web.rendering import page
from app.web.texts import TEXT
from app.web.texts import told as told_in
from app.web.tiles import days

blueprint = Blueprint("gallery", __name__)
PAGE_SIZE = 60
# What a chip need not tell: the search stands in its field, the trash says so itself.
SAID_ELSEWHERE = {"q", "deleted", "sort"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of a filter, and the address without it."""

    text: str
    href: str


@blueprint.get("/")
@needs(Role.VIEWER)
def index() -> Response:
    """A page of the history, newest first, or from a `day` on; scripts get its rows alone."""
    wanted, asked = asked_filter(), parameters()
    cursor = _asked_place(wanted)
    found = ImageManager().slice(wanted, cursor, PAGE_SIZE)
    context = {
        **conditions(wanted),
        "days": days(found.items, asked, by_month=is_narrowed(wanted)),
        "wanted": wanted,
        "is_first": cursor is None,
        "older": _onward(found.after, wanted, asked),
        "newer": _onward(found.before or _before(cursor, wanted), wanted, asked),
    }
    if wants_fragment():
        return _fragment(context, wanted, asked)
    return page(
        "gallery/index.html",
        **context,
        **_around(wanted, asked),
        **_fields(asked),
        told=_told(),
        undo=numbers(request.args.get("undo", "")),
        **composer_context(holder()),
        **queue_context(holder()),
    )


@blueprint.get("/tiles")
@needs(Role.VIEWER)
def tiles() -> Response:
    """The rows of the gallery with these pictures alone, newest first: `ids`, with commas between."""
    rows = ImageManager().rows(numbers(request.args.get("ids", ""))[:PAGE_SIZE])
    context = {**conditions(ANY), "days": days(rows, parameters()), "wanted": ANY}
    return page("gallery/_grid.html", is_first=False, older=None, newer=None, **context)


@blueprint.post("/searches")
@needs(Role.CREATOR)
def keep_search() -> Response:
    """Keep the filter that the form came with by a name."""
    wanted = filter_of(request.form)
    search, _ = save_search(request.form.get("search", "").strip(), query_of(wanted), replace=False)
    return _to_gallery(search.query, "kept")


@blueprint.post("/searches/delete")
@needs(Role.CREATOR)
def forget_search() -> Response:
    """Forget a kept search."""
    delete_search(request.form.get("name", ""))
    return _to_gallery({}, "forgotten")


def conditions(wanted: ImageFilter) -> dict[str, Any]:
    """Return what templates of rows ask of a filter."""
    return {
        "is_narrowed": is_narrowed(wanted),
        "is_trash": wanted.deleted == "only",
    }


def is_narrowed(wanted: ImageFilter) -> bool:
    """Tell whether a filter shows less than all, or all of the trash."""
    return replace(wanted, deleted=ANY.deleted, sort=ANY.sort) != ANY


def _fragment(
    context: dict[str, Any], wanted: ImageFilter, asked: list[tuple[str, str]]
) -> Response:
    """Return what a script asks for: further rows, or what a search begins with."""
    if request.args.get("cursor"):
        return page("gallery/_grid.html", **context)
    return page("gallery/_results.html", **context, **_around(wanted, asked))


def _asked_place(wanted: ImageFilter) -> Cursor | None:
    """Return where the page is to begin; None: with the first picture. Raises InvalidInput."""
    day = asked_day()
    if request.args.get("cursor"):
        return Cursor.decode(request.args["cursor"], wanted)
    return None if day is None else _place_of(day, wanted)


def _place_of(day: date, wanted: ImageFilter) -> Cursor | None:
    """Return where a day begins in the order of the filter; None where nothing comes before it."""
    if wanted.sort == "oldest":
        place = Cursor(position_of(first_moment(day)) - 1)
    else:
        place = Cursor(position_of(first_moment(day + timedelta(days=1))))
    earlier = ImageManager().slice(wanted, _before(place, wanted), 1)
    # A search may have looked so far without an end.
    return place if earlier.items or earlier.before else None


def _before(cursor: Cursor | None, wanted: ImageFilter) -> Cursor | None:
    """Return the way back from where a page begins, for one without a picture to go back from."""
    if cursor is None or cursor.backwards:
        return None
    beside = cursor.position + (1 if wanted.sort == "oldest" else -1)
    return Cursor(max(-LARGEST_NUMBER, min(beside, LARGEST_NUMBER)), backwards=True)


def _around(wanted: ImageFilter, asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Return what stands around the rows: how many there are, what narrows them, kept searches."""
    matched = ImageManager().page(wanted, 1, 1)
    here = query_of(wanted)
    searches = [
        {
            "name": each.name,
            "href": _address([(key, one) for key, many in each.query.items() for one in many]),
            "is_here": each.query == here,
        }
        for each in list_searches()
    ]
    return {
        "asked_pairs": asked,
        "trash_days": current_settings().trash_days,
        "chips": _chips(asked),
        "matched": matched.total,
        "capped": matched.capped,
        "searches": searches,
        # For scripts that change all that match; never all there is.
        "query": here if is_narrowed(wanted) or wanted.deleted == "only" else None,
        "is_kept": any(each["is_here"] for each in searches),
    }


def _fields(asked: list[tuple[str, str]]) -> dict[str, Any]:
    """Return what the fields of the search hold and offer."""
    return {
        "asked": dict(asked),
        "day": request.args.get("day", ""),
        "total": ImageManager().count(ANY),
        "models": known_models(),
        "projects": known_projects(),
        "known_tags": known_tags(),
        "sources": [each.value for each in Source],
    }


def _chips(asked: list[tuple[str, str]]) -> list[Chip]:
    """Return what narrows the page, each with the way to do without it."""
    return [
        Chip(_said(*pair), _address([each for each in asked if each != pair]))
        for pair in asked
        if pair[0] not in SAID_ELSEWHERE
    ]


def _said(name: str, value: str) -> str:
    named = getattr(TEXT.gallery.chips, name)
    return str(named) if name == "favourite" else f"{named} {value}"


def _onward(cursor: Cursor | None, wanted: ImageFilter, asked: list[tuple[str, str]]) -> str | None:
    return None if cursor is None else _address([*asked, ("cursor", cursor.encode(wanted))])


def _address(asked: list[tuple[str, str]]) -> str:
    address = url_for("web.gallery.index")
    return f"{address}?{urlencode(asked)}" if asked else address


def _told() -> str | None:
    """Return what a form has just done, in words."""
    return told_in(TEXT.gallery.told, request.args.get("told", ""))


def _to_gallery(query: dict[str, Any], told: str) -> Response:
    address = f"{url_for('web.gallery.index')}?{urlencode({**query, 'told': told}, doseq=True)}"
    return cast(Response, redirect(address, 303))
