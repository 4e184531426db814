"""Requests that a client sends again by itself, after it gave up waiting or lost its connection.

Clients of OpenAI do so with the same body, no key to tell it by, and a header that counts. What was
drawn for the first one is then the answer to the next, and is not paid for twice.

A row of `idempotency_keys` is kept for each request, in the transaction that commits its generation,
under a key that no caller can send: it begins with a space and holds how often it was sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from sqlalchemy import or_, select, update
from ulid import ULID

from app.extensions import db
from app.models import Generation
from app.models.idempotency_key import IdempotencyKey
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.idempotency import Once, body_sha256
from app.services.image_generator_service import ImageGeneratorService

# Nobody waits longer for an answer, and nobody asks again later after one.
LONGEST_WAIT = timedelta(minutes=30)
LONGEST_PAUSE = timedelta(minutes=1)
# Of those with the same body, by the same key.
_MOST = 50
_MARK = " "
_LOCKS = tuple(Lock() for _ in range(64))


@contextmanager
def in_turn(api_key_id: int, length: int | None) -> Iterator[None]:
    """Hold up, in this process, requests of a key whose bodies have this length.

    One that is sent again may be among them: it is to find what the first one commits inside. Nothing
    else may be held meanwhile; what was read before is read anew.
    """
    db.session.rollback()
    with _LOCKS[hash((api_key_id, length)) % len(_LOCKS)]:
        yield


def enqueue_once(asked: GenerationRequest, api_key_id: int, times: int) -> str:
    """Enqueue a request that was sent again so many `times`, or find what the first one began.

    Return the id of the generation. Raises what `ImageGeneratorService.enqueue` does.
    """
    sent = Once(api_key_id, _key(times, str(ULID())), body_sha256(asked))
    first = _find_first(sent, times) if times else None
    return first or ImageGeneratorService().enqueue(asked, api_key_id, sent).id


def _find_first(sent: Once, times: int) -> str | None:
    """Return the newest generation of the same key and body that is under way or has just ended.

    Not one that somebody came back for so often already: of several at once, each client finds one of
    its own. None: there is none.
    """
    now = utc_now()
    rows = db.session.execute(
        select(IdempotencyKey.key, IdempotencyKey.generation_id)
        .join(Generation, Generation.id == IdempotencyKey.generation_id)
        .where(
            IdempotencyKey.api_key_id == sent.api_key_id,
            IdempotencyKey.body_sha256 == sent.body_sha256,
            IdempotencyKey.key.startswith(_MARK),
            IdempotencyKey.created_at > now - LONGEST_WAIT,
            or_(Generation.finished_at.is_(None), Generation.finished_at > now - LONGEST_PAUSE),
        )
        .order_by(IdempotencyKey.created_at.desc(), IdempotencyKey.generation_id.desc())
        .limit(_MOST)
    ).all()
    found = next((row for row in rows if _take(sent.api_key_id, row.key, times)), None)
    if found is None:
        return None
    db.session.commit()
    return str(found.generation_id)


def _take(api_key_id: int, key: str, times: int) -> bool:
    """Note that somebody came back for it; False when somebody else has."""
    before, _, name = key.removeprefix(_MARK).partition(" ")
    if int(before) >= times:
        return False
    taken = (
        update(IdempotencyKey)
        .where(IdempotencyKey.api_key_id == api_key_id, IdempotencyKey.key == key)
        .values(key=_key(times, name))
        .returning(IdempotencyKey.key)
    )
    options = {"synchronize_session": False}
    return db.session.execute(taken, execution_options=options).first() is not None


def _key(times: int, name: str) -> str:
    return f"{_MARK}{times} {name}"
