"""Requests that are sent twice and done once: by a key that the caller gives each.

The key's row is inserted in the transaction that commits the generation, so that of two requests at
the same time one makes it and the other one finds it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import InvalidInput, KeyReused
from app.extensions import db
from app.models.idempotency_key import LONGEST_KEY, IdempotencyKey
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest

LIFE = timedelta(hours=24)
HEADER = "Idempotency-Key"
# Printable ASCII, as a header can carry it.
KEY = rf"^[!-~]([ -~]{{0,{LONGEST_KEY - 2}}}[!-~])?$"
# So many rows that count no longer are removed with each one that is added: far more than come.
_SWEPT = 100
_ID = IdempotencyKey.api_key_id, IdempotencyKey.key


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is to be done once: whose it is, the key that they gave it, what was asked."""

    api_key_id: int
    key: str
    body_sha256: str


def once(api_key_id: int, key: str, asked: GenerationRequest | str) -> Once:
    """Return a request with its key; `asked` is what differs between requests.

    Raises InvalidInput for what is no key.
    """
    if not re.fullmatch(KEY, key):
        raise InvalidInput(
            f"An {HEADER} is 1 to {LONGEST_KEY} printable characters of ASCII, such as a UUID.",
            field=HEADER,
        )
    return Once(api_key_id, key, body_sha256(asked))


def body_sha256(asked: GenerationRequest | str) -> str:
    """Return what tells one request from another."""
    text = asked if isinstance(asked, str) else _text(asked)
    return hashlib.sha256(text.encode()).hexdigest()


def find(wanted: Once) -> str | None:
    """Return the id of the generation that this request made before; None: it is new.

    Raises KeyReused when another request has the key.
    """
    row = db.session.execute(
        select(IdempotencyKey.body_sha256, IdempotencyKey.generation_id).where(
            IdempotencyKey.api_key_id == wanted.api_key_id,
            IdempotencyKey.key == wanted.key,
            IdempotencyKey.created_at > utc_now() - LIFE,
        )
    ).first()
    if row is None:
        return None
    if row.body_sha256 != wanted.body_sha256:
        raise KeyReused(
            f"Another request was sent with this {HEADER} within 24 hours. Send a new key with a "
            "new request."
        )
    return str(row.generation_id)


def claim(wanted: Once, generation_id: str) -> bool:
    """Take the key for a generation that this transaction adds; False when somebody has it.

    Waits for a transaction that is about to take it. The generation must have been flushed; on False
    the caller rolls back, and finds the other one.
    """
    now = utc_now()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = {"body_sha256": wanted.body_sha256, "generation_id": generation_id, "created_at": now}
    added = dialect.insert(IdempotencyKey).values(
        api_key_id=wanted.api_key_id, key=wanted.key, **row
    )
    taken = added.on_conflict_do_update(
        index_elements=[column.key for column in _ID],
        set_=row,
        where=IdempotencyKey.created_at <= now - LIFE,
    )
    won = db.session.execute(taken.returning(IdempotencyKey.key)).first() is not None
    if won:
        remove_expired(_SWEPT)
    return won


def remove_expired(most: int) -> int:
    """Remove up to so many keys that are free again, within the present transaction; say how many."""
    # Rows that somebody else removes or takes just now are theirs.
    chosen = select(*_ID).where(_is_expired()).limit(most).with_for_update(skip_locked=True)
    # Not as a part of the condition: PostgreSQL may ask it for each row, and find `most` more each time.
    ids = [tuple(row) for row in db.session.execute(chosen)]
    db.session.execute(
        delete(IdempotencyKey).where(tuple_(*_ID).in_(ids)),
        execution_options={"synchronize_session": False},
    )
    return len(ids)


def count_expired() -> int:
    """Return how many keys are free again and still there."""
    return db.session.scalar(select(func.count()).where(_is_expired())) or 0


def _is_expired() -> ColumnElement[bool]:
    return IdempotencyKey.created_at <= utc_now() - LIFE


def _text(request: GenerationRequest) -> str:
    """Return what was asked as text, without what was left at its default: null is as good."""
    asked = {each.name: getattr(request, each.name) for each in fields(request)}
    plain = GenerationRequest("")
    given = {name: value for name, value in asked.items() if value != getattr(plain, name)}
    return json.dumps(given, sort_keys=True, default=dict)
