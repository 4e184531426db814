"""A text that is another one whenever the queue could look different; cheap enough to ask often.

Nothing is written for it: all of it is read from indexes, few rows of each.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, cast

from sqlalchemy import Select, Table, func, select, text

from app.extensions import db
from app.models import Batch, Generation, Status
from app.models.generation import WAITING
from app.models.image import IMAGES
from app.services.health import workers

_GENERATIONS = cast(Table, Generation.__table__)
_BATCHES = cast(Table, Batch.__table__)
_RUNNING = _GENERATIONS.c.status == Status.RUNNING
# More than these run only where many machines work; the newest of them tell as much.
_MOST = 200
# Whatever is asked for is the newest then; whatever was kept, too. What is begun, goes on by a picture
# or ends changes what runs, and what is taken back changes how many wait.
_PARTS: tuple[Select[Any], ...] = (
    select(func.max(_GENERATIONS.c.id)),
    select(func.max(IMAGES.c.id)),
    select(func.count()).select_from(_GENERATIONS).where(text(WAITING)),
    select(_GENERATIONS.c.id, _GENERATIONS.c.done, _GENERATIONS.c.attempts)
    .where(_RUNNING)
    .order_by(_GENERATIONS.c.id.desc())
    .limit(_MOST),
    # One that has failed is tried again later, and says why.
    select(_GENERATIONS.c.id, _GENERATIONS.c.attempts)
    .where(text(WAITING), _GENERATIONS.c.next_try_at.is_not(None))
    .limit(_MOST),
    select(_BATCHES.c.id, _BATCHES.c.cancelled_at)
    .where(_BATCHES.c.finished_at.is_(None))
    .order_by(_BATCHES.c.id.desc())
    .limit(_MOST),
)


def queue_revision() -> str:
    """Return the text; to be read before the queue that it names."""
    connection = db.session.connection()
    found: list[Any] = [connection.execute(part).all() for part in _PARTS]
    found.append(somebody_works())
    return blake2b(repr(found).encode(), digest_size=9).hexdigest()


def somebody_works() -> bool:
    """Tell whether any worker is alive, as far as can be told."""
    return any(each.alive for each in workers())
