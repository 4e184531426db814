"""Keys by their names, for what was made by them elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey, Role
from app.models.types import LONGEST_LABEL, is_label, utc_now

PREFIX = "imported"


class People:
    """Who made what, by the names of keys. One that is not here is added, and opens nothing."""

    def __init__(self) -> None:
        self.records: dict[str, Mapping[str, Any]] = {}
        self._ids: dict[str, int] = {}

    def key_id(self, name: Any) -> int | None:
        """Return the id of the key of that name, which is flushed where it is new; None for none."""
        if not isinstance(name, str) or not is_label(name, LONGEST_LABEL):
            return None
        if name not in self._ids:
            self._ids[name] = _find(name) or self._add(name)
        return self._ids[name]

    def _add(self, name: str) -> int:
        known = self.records.get(name, {})
        now = utc_now()
        made_at: datetime = known.get("created_at") or now
        key = ApiKey(
            name=name,
            prefix=PREFIX,
            # Of a secret that nobody has.
            sha256=sha256(secrets.token_bytes(32)).hexdigest(),
            role=known.get("role", Role.VIEWER),
            created_at=made_at,
            last_used_at=known.get("last_used_at"),
            revoked_at=known.get("revoked_at") or now,
        )
        db.session.add(key)
        db.session.flush()
        return key.id


def _find(name: str) -> int | None:
    """Return the id of a live key of that name, else of the newest that was revoked."""
    query = select(ApiKey.id).where(ApiKey.name == name)
    return db.session.scalar(
        query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()).limit(1)
    )
