"""Searches kept by a name, for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, InvalidInput, NotFound
from app.extensions import db
from app.models import SavedSearch, Source
from app.models.image_filter import ANY, ImageFilter
from app.models.types import LONGEST_LABEL, is_label
from app.services.records import timestamp


def list_searches() -> list[SavedSearch]:
    """Return every kept search, in the order they were made."""
    return list(db.session.scalars(select(SavedSearch).order_by(SavedSearch.id)))


def get_search(name: str) -> SavedSearch:
    """Return one kept search. Raises NotFound."""
    found = _find(name)
    if found is None:
        raise NotFound(f"There is no search {name[:LONGEST_LABEL]!r}.")
    return found


def save_search(
    name: str, query: dict[str, Any], *, replace: bool = True
) -> tuple[SavedSearch, bool]:
    """Keep and commit a checked query by a name, in place of what it named; tell whether it is new.

    Raises InvalidInput for a name that cannot be, Conflict when raced, or when the name means another
    search and that one is not to be replaced.
    """
    if not is_label(name):
        raise InvalidInput("A search's name is 1 to 100 printable characters.", field="name")
    found = _find(name)
    if found is not None and not replace and found.query != query:
        raise Conflict(f"There is a search named {name!r} already: choose another name.")
    search = found or SavedSearch(name=name)
    search.query = query
    db.session.add(search)
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(f"{name!r} was made at the same moment; try again.") from error
    return search, found is None


def delete_search(name: str) -> None:
    """Forget a kept search and commit; one that is not there does no harm."""
    found = _find(name)
    if found is not None:
        db.session.delete(found)
        db.session.commit()


def filter_of(query: dict[str, list[str]]) -> ImageFilter:
    """Return the filter that a kept query means."""
    known: dict[str, Any] = {name: values[-1] for name, values in query.items() if values}
    known["tags"] = tuple(sorted(set(query.get("tag", ()))))
    known.pop("tag", None)
    for name, read in _READERS.items():
        if name in known:
            known[name] = read(known[name])
    return ImageFilter(**known)


def query_of(wanted: ImageFilter) -> dict[str, list[str]]:
    """Return a filter as it is kept: the parameters of GET /api/images, each a list of its values."""
    said = {
        field.name: getattr(wanted, field.name)
        for field in fields(ImageFilter)
        if getattr(wanted, field.name) != getattr(ANY, field.name)
    }
    tags = said.pop("tags", ())
    return {name: [_as_text(value)] for name, value in said.items()} | (
        {"tag": list(tags)} if tags else {}
    )


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return str(timestamp(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _moment(text: str) -> datetime:
    """Return a moment, or the first moment in UTC of a date."""
    moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[str, Callable[[str], Any]] = {
    "q": lambda text: text or None,
    "favourite": lambda text: text == "true",
    "picked": lambda text: text == "true",
    "prompt_id": int,
    "sheet": int,
    "source": Source,
    "since": _moment,
    "until": _moment,
}


def _find(name: str) -> SavedSearch | None:
    if not is_label(name):
        return None
    return db.session.scalars(select(SavedSearch).where(SavedSearch.name == name)).first()
