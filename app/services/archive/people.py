"""Keys by their names, for what was made by them elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from app.errors import Conflict, InvalidInput
from app.extensions import db
from app.models import ApiKey, Role, prompt_book
from app.models.types import LONGEST_LABEL, is_label, utc_now
from app.services.archive import kinds
from app.services.archive.fields import decoded
from app.services.archive.report import Imported

# Where other keys show how they begin.
PREFIX = "imported"
# Kept in memory by their names, and listed whole.
MOST_KEYS = 10_000


def checked(record: Any) -> dict[str, Any]:
    """Return an exported key's columns. Raises InvalidInput."""
    row = decoded(kinds.KEY, record, ("name", "role", "created_at"))
    if not is_label(row["name"], LONGEST_LABEL):
        raise InvalidInput("Its name is none of a key.", field="name")
    return row


class People:
    """Who made what, by the names of keys: those that are here, else ones that open nothing."""

    def __init__(self, done: Imported) -> None:
        """Take what counts: it is told which keys are made."""
        self._done = done
        self._ids: dict[str, int] = {}

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Make those exported keys whose names are not here; the caller commits.

        Raises Conflict when too many were made.
        """
        prompt_book.lock()  # one import at a time
        for row in rows:
            self._id(row)

    def key_id(self, name: Any) -> int | None:
        """Return the id of the key of that name, which is made where there is none.

        None for what is no name. The caller commits. Raises Conflict when too many were made.
        """
        if not isinstance(name, str) or not is_label(name, LONGEST_LABEL):
            return None
        return self._id({"name": name, "role": Role.VIEWER})

    def _id(self, row: dict[str, Any]) -> int:
        name = row["name"]
        if name not in self._ids:
            found = _find(name)
            if found is None:
                if len(self._done.keys_made) >= MOST_KEYS:
                    raise Conflict(f"An import makes {MOST_KEYS:,} keys at the most.")
                found = _make(row)
                self._done.keys_made.append(name)
            self._ids[name] = found
        return self._ids[name]


def _find(name: str) -> int | None:
    """Return the id of a live key of that name, else of the newest that was revoked."""
    query = select(ApiKey.id).where(ApiKey.name == name)
    return db.session.scalar(
        query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()).limit(1)
    )


def _make(row: dict[str, Any]) -> int:
    """Add a key that was revoked, with the hash of what nobody has."""
    now = utc_now()
    closed = {"prefix": PREFIX, "sha256": sha256(secrets.token_bytes(32)).hexdigest()}
    times = {"created_at": row.get("created_at") or now, "revoked_at": row.get("revoked_at") or now}
    key = ApiKey(**row | closed | times)
    db.session.add(key)
    db.session.flush()
    return key.id
