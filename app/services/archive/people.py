"""Keys by their names, for what was made by them elsewhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey
from app.models.types import LONGEST_LABEL, is_label


class People:
    """Who made what, by the names of the keys that are here; a file adds none."""

    def __init__(self) -> None:
        self._ids: dict[str, int | None] = {}

    def key_id(self, name: Any) -> int | None:
        """Return the id of the key of that name, None for none."""
        if not isinstance(name, str) or not is_label(name, LONGEST_LABEL):
            return None
        if name not in self._ids:
            self._ids[name] = _find(name)
        return self._ids[name]


def _find(name: str) -> int | None:
    """Return the id of a live key of that name, else of the newest that was revoked."""
    query = select(ApiKey.id).where(ApiKey.name == name)
    return db.session.scalar(
        query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()).limit(1)
    )
