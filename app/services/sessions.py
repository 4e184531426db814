"""Browsers that are logged in: a key, or a code made for one, traded for a session.

A session is a secret of 256 bits in a cookie, of which the database keeps the hash. It is looked up
with each request together with its key, so that it ends at once when the key is revoked.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

from sqlalchemy import Table, bindparam, delete, select, update

from app.extensions import db
from app.models import ApiKey, LoginCode, Role, WebSession
from app.models.types import utc_now
from app.services.keys import KeyHolder, authenticate

SESSION_LIFE = timedelta(days=30)  # from its last use
# Its life is told anew no more often than this, so that reading does not mean writing.
GRAIN = timedelta(days=1)
CODE_LIFE = timedelta(minutes=10)
_SESSIONS, _KEYS = (cast(Table, each.__table__) for each in (WebSession, ApiKey))
# Plain columns, put together once: this is asked with every request of a page.
_LIVE = (
    select(*_KEYS.c["id", "name", "role", "requests_per_minute"], _SESSIONS.c.expires_at)
    .join(_KEYS, _KEYS.c.id == _SESSIONS.c.api_key_id)
    .where(
        _SESSIONS.c.sha256 == bindparam("sha256"),
        _SESSIONS.c.expires_at > bindparam("now", type_=_SESSIONS.c.expires_at.type),
        _KEYS.c.revoked_at.is_(None),
    )
)


def make_login_code(key_id: int) -> str:
    """Make and commit a code that opens one session in the name of a key, within ten minutes."""
    code = secrets.token_urlsafe(32)
    db.session.execute(delete(LoginCode).where(LoginCode.expires_at <= utc_now()))
    expires_at = utc_now() + CODE_LIFE
    db.session.add(LoginCode(sha256=_hash(code), api_key_id=key_id, expires_at=expires_at))
    db.session.commit()
    return code


def log_in(secret: str) -> str | None:
    """Open and commit a session for a key, or for a code, which is spent; return its secret.

    None for what is neither, for a code that is spent or out of date, and for a revoked key.
    """
    key_id = _spend(secret)
    if key_id is None:
        holder = authenticate(secret)
        key_id = holder.id if holder else None
    if key_id is None:
        db.session.rollback()
        return None
    token = secrets.token_urlsafe(32)
    now = utc_now()
    db.session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    db.session.add(
        WebSession(sha256=_hash(token), api_key_id=key_id, expires_at=now + SESSION_LIFE)
    )
    db.session.commit()
    return token


def holder_of_session(token: str) -> KeyHolder | None:
    """Return who is logged in with this secret of a session, or None; its life begins anew."""
    digest = _hash(token)
    values = {"sha256": digest, "now": utc_now()}
    found = db.session.connection().execute(_LIVE, values).first()
    if found is None:
        return None
    _prolong(digest, found.expires_at)
    return KeyHolder(found.id, found.name, found.role, found.requests_per_minute)


def log_out(token: str) -> None:
    """End a session and commit; one that has ended does no harm."""
    db.session.execute(delete(WebSession).where(WebSession.sha256 == _hash(token)))
    db.session.commit()


def log_out_others(key_id: int, token: str) -> int:
    """End and commit all sessions of a key but the one with this secret; return how many."""
    others = (WebSession.api_key_id == key_id) & (WebSession.sha256 != _hash(token))
    ended = db.session.execute(delete(WebSession).where(others).returning(WebSession.sha256))
    number = len(ended.all())
    db.session.commit()
    return number


def key_to_log_in_with() -> int | None:
    """Return the id of the oldest live admin key, or None."""
    live_admin = (ApiKey.role == Role.ADMIN) & ApiKey.revoked_at.is_(None)
    return db.session.scalar(select(ApiKey.id).where(live_admin).order_by(ApiKey.id).limit(1))


def _spend(code: str) -> int | None:
    """Take a code out, if it is in date and its key is live; return the key's id."""
    # One statement: of two who send it at once, one gets it.
    spent = db.session.scalar(
        delete(LoginCode)
        .where(LoginCode.sha256 == _hash(code), LoginCode.expires_at > utc_now())
        .returning(LoginCode.api_key_id)
    )
    live = select(ApiKey.id).where(ApiKey.id == spent, ApiKey.revoked_at.is_(None))
    return None if spent is None else db.session.scalar(live)


def _prolong(digest: str, expires_at: datetime) -> None:
    wanted = utc_now() + SESSION_LIFE
    if wanted - expires_at > GRAIN:
        db.session.execute(
            update(WebSession).where(WebSession.sha256 == digest).values(expires_at=wanted)
        )
        db.session.commit()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
