"""The filter that an address of the gallery means, and the address of a filter.

Its parameters are those of GET /api/images. `from` and `to` are days in the owner's time zone, both
included; `since` and `until` are moments, as kept searches have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app.errors import InvalidInput
from app.extensions import current_settings
from app.models import Source
from app.models.image_filter import ANY, ImageFilter
from app.models.types import IDS, LARGEST_NUMBER

LONGEST_SEARCH = 1000
LONGEST_VALUE = 100_000
LONGEST_NUMBER = len(str(LARGEST_NUMBER))
DELETED = ("exclude", "include", "only")
SORTS = ("newest", "oldest")
LABELS = ("generation", "batch", "model", "provider", "project", "by", "prompt")
# What a browser's date field may hold; earlier and later than any picture.
YEARS = range(1970, 9999)
PARAMETERS = (
    *("q", *LABELS, "prompt_id", "source", "favourite", "tag", "sheet", "picked"),
    *("from", "to", "since", "until", "deleted", "sort"),
)


def asked_filter() -> ImageFilter:
    """Return the filter of the current request. Raises InvalidInput, which names the field."""
    return filter_of(request.args)


def filter_of(asked: MultiDict[str, str]) -> ImageFilter:
    """Return the filter that parameters mean; blank ones do not narrow. Raises InvalidInput."""
    given = {name: asked[name] for name in PARAMETERS if asked.get(name, "").strip()}
    for name, value in given.items():
        if "\0" in value or len(value) > (LONGEST_SEARCH if name == "q" else LONGEST_VALUE):
            raise InvalidInput("This is too long, or no text.", field=name)
    return ImageFilter(
        q=given.get("q"),
        **{name: given.get(name) for name in LABELS},
        prompt_id=_number(given, "prompt_id"),
        source=_choice(given, "source", tuple(Source)),
        favourite=_flag(given, "favourite"),
        sheet=_number(given, "sheet"),
        picked=_flag(given, "picked"),
        tags=tuple(sorted({tag for tag in asked.getlist("tag") if tag.strip()})),
        since=_since(given),
        until=_until(given),
        deleted=_choice(given, "deleted", DELETED) or ANY.deleted,
        sort=_choice(given, "sort", SORTS) or ANY.sort,
    )


def parameters() -> list[tuple[str, str]]:
    """Return the filter of the current request as it was asked for, to go on to pages with it."""
    return [
        (name, value)
        for name, values in request.args.lists()
        if name in PARAMETERS
        for value in values
        if value.strip()
    ]


def first_moment(day: date) -> datetime:
    """Return when a day begins in the owner's time zone."""
    return datetime.combine(day, time(), current_settings().zone)


def asked_day() -> date | None:
    """Return the day that the current request leads to, which narrows nothing. Raises InvalidInput."""
    return (
        _day({"day": request.args["day"]}, "day") if request.args.get("day", "").strip() else None
    )


def _since(given: Mapping[str, str]) -> datetime | None:
    day = _day(given, "from")
    return _moment(given, "since") if day is None else first_moment(day)


def _until(given: Mapping[str, str]) -> datetime | None:
    day = _day(given, "to")
    return _moment(given, "until") if day is None else first_moment(day + timedelta(days=1))


def _day(given: Mapping[str, str], name: str) -> date | None:
    if name not in given:
        return None
    try:
        day = date.fromisoformat(given[name].strip())
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InvalidInput(f"{given[name][:100]!r} is no day: write 2026-11-01.", field=name)
    return day


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        # A "+" that was not encoded arrives as a space.
        moment = datetime.fromisoformat(given[name].strip().replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise InvalidInput(
            f"{given[name][:100]!r} is no moment: write 2026-11-01T12:00:00Z.", field=name
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=current_settings().zone)


def _number(given: Mapping[str, str], name: str) -> int | None:
    if name not in given:
        return None
    text = given[name].strip()
    if (
        not (text.isascii() and text.isdigit())
        or len(text) > LONGEST_NUMBER
        or int(text) not in IDS
    ):
        raise InvalidInput(f"{text[:100]!r} is no number of a past prompt.", field=name)
    return int(text)


def _flag(given: Mapping[str, str], name: str) -> bool | None:
    chosen = _choice(given, name, ("true", "false"))
    return None if chosen is None else chosen == "true"


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> Any:
    if name not in given:
        return None
    if given[name] not in choices:
        raise InvalidInput(f"{given[name][:100]!r} is none of {', '.join(choices)}.", field=name)
    return Source(given[name]) if choices == tuple(Source) else given[name]
