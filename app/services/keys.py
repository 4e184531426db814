"""Keys: made, told once, found again by their hash, revoked."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain, count
from typing import cast

from sqlalchemy import Table, bindparam, false, func, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import Conflict, InvalidInput, NotFound
from app.extensions import db
from app.models import ApiKey, Role
from app.models.types import IDS, MICRO, is_label, utc_now
from config import MOST_A_MINUTE, MOST_USD

TOKEN_PREFIX = "ps_"  # noqa: S105 - how a key begins, not a key
SHOWN_CHARACTERS = 9
# A key's last use is told to within this, so that reading does not mean writing.
LAST_USE_GRAIN = timedelta(minutes=10)
# Plain columns, put together once: this is asked with every request.
_KEYS = cast(Table, ApiKey.__table__)
_LIVE_KEY = select(*_KEYS.c["id", "name", "role", "last_used_at", "requests_per_minute"]).where(
    _KEYS.c.sha256 == bindparam("sha256"), _KEYS.c.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who is asking, as plain values that outlive the database session."""

    id: int
    name: str
    role: Role
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class KeyBudgets:
    """What a key may spend in a day and in a month, in micro-dollars; None: as much as all may."""

    daily: int | None = None
    monthly: int | None = None

    def check(self) -> None:
        """Raise InvalidInput for what is no budget."""
        for name, budget in asdict(self).items():
            if budget is not None and not 0 <= budget <= MOST_USD * MICRO:
                raise InvalidInput(
                    f"A budget is 0 to {MOST_USD:,} US dollars.", field=f"{name}_budget_usd"
                )


NO_BUDGETS = KeyBudgets()


def create_key(
    name: str,
    role: Role,
    requests_per_minute: int | None = None,
    budgets: KeyBudgets = NO_BUDGETS,
) -> tuple[ApiKey, str]:
    """Make and commit a key; return its row and the key itself, which is kept nowhere.

    Raises InvalidInput for a name that is blank or too long and for a limit that is none, Conflict
    for the name of a live key. Without a limit of its own, that of the settings holds.
    """
    made = add_key(name, role, requests_per_minute, budgets)
    db.session.commit()
    return made


def add_key(
    name: str,
    role: Role,
    requests_per_minute: int | None = None,
    budgets: KeyBudgets = NO_BUDGETS,
) -> tuple[ApiKey, str]:
    """Do as `create_key`, but leave the commit to the caller."""
    budgets.check()
    if requests_per_minute is not None and not 1 <= requests_per_minute <= MOST_A_MINUTE:
        raise InvalidInput(
            f"A key's limit is 1 to {MOST_A_MINUTE:,} requests a minute.",
            field="requests_per_minute",
        )
    name = name.strip()
    if not is_label(name):
        raise InvalidInput("A key's name is 1 to 100 printable characters.", field="name")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        name=name,
        role=role,
        prefix=token[:SHOWN_CHARACTERS],
        sha256=_hash(token),
        requests_per_minute=requests_per_minute,
        daily_budget_microusd=budgets.daily,
        monthly_budget_microusd=budgets.monthly,
    )
    try:
        with db.session.begin_nested():
            db.session.add(key)
    except IntegrityError as error:
        raise Conflict(f"There is a key named {name!r} already; revoke it first.") from error
    return key, token


def authenticate(token: str) -> KeyHolder | None:
    """Return who holds this key, or None when it is unknown or revoked.

    The look-up is by the SHA-256 of a 256-bit secret, so its time tells nothing about any key.
    """
    found = db.session.connection().execute(_LIVE_KEY, {"sha256": _hash(token)}).first()
    if found is None:
        return None
    _record_use(found.id, found.last_used_at)
    return KeyHolder(found.id, found.name, found.role, found.requests_per_minute)


def list_keys() -> list[ApiKey]:
    """Return every key, revoked ones too, in the order they were made."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id)))


def budgets_of_key(key: ApiKey) -> KeyBudgets:
    """Return the budgets that a key has of its own."""
    return KeyBudgets(key.daily_budget_microusd, key.monthly_budget_microusd)


def set_budgets(key: ApiKey, budgets: KeyBudgets) -> None:
    """Change the budgets of a key and commit; they hold from then on. Raises InvalidInput."""
    budgets.check()
    key.daily_budget_microusd = budgets.daily
    key.monthly_budget_microusd = budgets.monthly
    db.session.commit()


def live_key(name: str) -> ApiKey:
    """Return the live key of that name. Raises NotFound."""
    key = _live(name)
    if key is None:
        raise NotFound(f"There is no live key named {name!r}; `keys list` names them.")
    return key


def revoke_key(name: str) -> ApiKey:
    """Revoke and commit; the key works no longer, from the next request on. Raises NotFound."""
    key = live_key(name)
    key.revoked_at = utc_now()
    db.session.commit()
    return key


def get_key(key_id: int) -> ApiKey:
    """Return a key, revoked or not. Raises NotFound."""
    key = db.session.get(ApiKey, key_id) if key_id in IDS else None
    if key is None:
        raise NotFound(f"There is no key {key_id}.")
    return key


def revoke_key_by_id(key_id: int) -> None:
    """Revoke and commit; one that is revoked stays as it is.

    Raises NotFound, or Conflict for the last live admin key.
    """
    get_key(key_id)  # before the lock, which an error would leave behind
    if _lock_live_admins() == [key_id]:
        db.session.rollback()
        raise Conflict(
            "This is the last live admin key: without one, nobody could make keys any more. "
            "Make another admin key first."
        )
    live = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
    db.session.execute(live.values(revoked_at=utc_now()))
    db.session.commit()


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


def _lock_live_admins() -> list[int]:
    """Return the ids of the live admin keys, which nobody else revokes until the commit."""
    # A write of nothing takes SQLite's one lock. PostgreSQL locks these rows, in one order; what
    # another revoked while this waited is no longer among them.
    db.session.execute(update(ApiKey).where(false()).values(name=ApiKey.name))
    live = select(ApiKey.id).where(ApiKey.role == Role.ADMIN, ApiKey.revoked_at.is_(None))
    return list(db.session.scalars(live.order_by(ApiKey.id).with_for_update(key_share=True)))


def _record_use(key_id: int, last_used_at: datetime | None) -> None:
    now = utc_now()
    if last_used_at is None or now - last_used_at > LAST_USE_GRAIN:
        db.session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))
        db.session.commit()


def _live(name: str) -> ApiKey | None:
    if not is_label(name):
        return None  # no key has such a name, and no database takes NUL or half a character
    query = select(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    return db.session.scalars(query).first()


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
