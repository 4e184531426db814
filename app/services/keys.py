"""Keys: made, told once, found again by their hash, revoked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import chain, count

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.models import ApiKey, Role
from app.models.types import utc_now

TOKEN_PREFIX = "ps_"  # noqa: S105 - how a key begins, not a key
SHOWN_CHARACTERS = 9
# A key's last use is told to within this, so that reading does not mean writing.
LAST_USE_GRAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who is asking, as plain values that outlive the database session."""

    id: int
    name: str
    role: Role


def create_key(name: str, role: Role) -> tuple[ApiKey, str]:
    """Make and commit a key; return its row and the key itself, which is kept nowhere.

    Raises InvalidInput when the name is blank, too long, or that of a live key.
    """
    made = add_key(name, role)
    db.session.commit()
    return made


def add_key(name: str, role: Role) -> tuple[ApiKey, str]:
    """Do as `create_key`, but leave the commit to the caller."""
    name = name.strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():  # noqa: PLR2004 - the column's length
        raise InvalidInput("A key's name is 1 to 100 printable characters.", field="name")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(name=name, role=role, prefix=token[:SHOWN_CHARACTERS], sha256=_hash(token))
    try:
        with db.session.begin_nested():
            db.session.add(key)
    except IntegrityError as error:
        raise InvalidInput(
            f"There is a key named {name!r} already; revoke it first.", field="name"
        ) from error
    return key, token


def authenticate(token: str) -> KeyHolder | None:
    """Return who holds this key, or None when it is unknown or revoked.

    The look-up is by the SHA-256 of a 256-bit secret, so its time tells nothing about any key.
    """
    query = select(ApiKey).where(ApiKey.sha256 == _hash(token), ApiKey.revoked_at.is_(None))
    key = db.session.scalars(query).first()
    if key is None:
        return None
    holder = KeyHolder(key.id, key.name, key.role)
    _record_use(key)
    return holder


def list_keys() -> list[ApiKey]:
    """Return every key, revoked ones too, in the order they were made."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id)))


def revoke_key(name: str) -> ApiKey:
    """Revoke and commit; the key works no longer, from the next request on. Raises NotFound."""
    key = _live(name)
    if key is None:
        raise NotFound(f"There is no live key named {name!r}; `keys list` names them.")
    key.revoked_at = utc_now()
    db.session.commit()
    return key


def live_admin_exists() -> bool:
    """Tell whether anybody could still make keys."""
    query = select(func.count(ApiKey.id)).where(
        ApiKey.role == Role.ADMIN, ApiKey.revoked_at.is_(None)
    )
    return bool(db.session.scalar(query))


def free_name(wanted: str) -> str:
    """Return `wanted`, with a number behind it where a live key has that name."""
    names = chain([wanted], (f"{wanted} {number}" for number in count(2)))
    return next(name for name in names if _live(name) is None)


def _record_use(key: ApiKey) -> None:
    now = utc_now()
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_GRAIN:
        key.last_used_at = now
        db.session.commit()


def _live(name: str) -> ApiKey | None:
    if not name.isprintable():
        return None  # no key has such a name, and no database takes NUL or half a character
    query = select(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    return db.session.scalars(query).first()


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
