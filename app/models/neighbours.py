"""Which images come right after and right before one, within a filter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Row, Select, select

from app.errors import NotFound
from app.extensions import db
from app.models import image_search
from app.models.image import Image
from app.models.image_filter import ImageFilter
from app.models.image_pages import MOST_SCANS
from app.models.rare_tags import rare_tag
from app.models.types import IDS
from app.models.word_index import SCAN


@dataclass(frozen=True, slots=True)
class Neighbour:
    """As much of an image as leads to it."""

    id: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The next newer and the next older image, None where there is none.

    Not `exact` where a search gave up, after MOST_SCANS scans in one direction: there may be one.
    """

    newer: Neighbour | None
    older: Neighbour | None
    exact: bool = True


def neighbours_of(image_id: int, wanted: ImageFilter, *, scan: int = SCAN) -> Neighbours:
    """Return the images of a filter around one that may lie outside it. Raises NotFound.

    Newer is newer, whatever the filter's order. `scan` is the rows of one scan of a search.
    """
    place = select(Image.position).where(Image.id == image_id)
    position = db.session.scalar(place) if image_id in IDS else None
    if position is None:
        raise NotFound(f"There is no image {image_id}.")
    newer, newer_is_exact = _next(replace(wanted, sort="oldest"), position, scan)
    older, older_is_exact = _next(replace(wanted, sort="newest"), position, scan)
    return Neighbours(newer, older, newer_is_exact and older_is_exact)


def _next(wanted: ImageFilter, position: int, scan: int) -> tuple[Neighbour | None, bool]:
    """Return the first image beyond `position` in the filter's order, and whether that is sure."""
    query = cast(Select[Any], select(Image.id, Image.sha256))
    if not wanted.q:
        beyond = wanted.order(wanted.beyond(wanted.apply(query, rare_tag(wanted)), position))
        return _neighbour(db.session.execute(beyond.limit(1)).first()), True
    found, exact = _next_found(wanted, position, scan)
    return _neighbour(db.session.execute(query.where(Image.position == found)).first()), exact


def _next_found(wanted: ImageFilter, position: int | None, scan: int) -> tuple[int | None, bool]:
    """Return the position of the next image that a search finds, and whether it looked at all."""
    for _ in range(MOST_SCANS):
        found = image_search.find(wanted, position, 1, scan=scan)
        if found.positions:
            return found.positions[0], True
        position = found.scanned_to
        if position is None:
            return None, True
    return None, False


def _neighbour(row: Row[Any] | None) -> Neighbour | None:
    return None if row is None else Neighbour(row.id, row.sha256)
