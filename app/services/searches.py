"""Searches kept by a name, for all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, InvalidInput, NotFound
from app.extensions import db
from app.models import SavedSearch
from app.models.types import LONGEST_LABEL, is_label


def list_searches() -> list[SavedSearch]:
    """Return every kept search, in the order they were made."""
    return list(db.session.scalars(select(SavedSearch).order_by(SavedSearch.id)))


def get_search(name: str) -> SavedSearch:
    """Return one kept search. Raises NotFound."""
    found = _find(name)
    if found is None:
        raise NotFound(f"There is no search {name[:LONGEST_LABEL]!r}.")
    return found


def save_search(name: str, query: dict[str, Any]) -> tuple[SavedSearch, bool]:
    """Keep and commit a checked query by a name, in place of what it named; tell whether it is new.

    Raises InvalidInput for a name that cannot be, Conflict when raced.
    """
    if not is_label(name):
        raise InvalidInput("A search's name is 1 to 100 printable characters.", field="name")
    found = _find(name)
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


def _find(name: str) -> SavedSearch | None:
    if not is_label(name):
        return None
    return db.session.scalars(select(SavedSearch).where(SavedSearch.name == name)).first()
