"""Give up, for a caller who waits, what a provider puts off for longer than anybody would wait.

In the history and in batches it is worth while to try again for hours; a program that waits for its
answer is better told at once that the provider takes no more just now.
"""

from __future__ import annotations

import math
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Status
from app.models.types import utc_now
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from app.services.job_queue import job_queue

# Each pause before the next try is longer than the last: with this it is given up within two minutes.
LONGEST_PAUSE_SECONDS = 20


def ended_or_given_up(generation_id: str) -> bool:
    """Tell whether a generation has ended, or end it, where its next try is too far away.

    Then it has failed with what the provider said, or has the pictures that came before; nothing stays
    reserved for it, and it is not tried again. No connection is held afterwards.
    """
    columns = Generation.status, Generation.error_code, Generation.next_try_at
    row = db.session.execute(select(*columns).where(Generation.id == generation_id)).one_or_none()
    db.session.remove()
    if row is None or row.status.ended:
        return True
    # What no worker could take, for want of a key, waits for another one and has no error.
    if row.status != Status.QUEUED or row.error_code is None or row.next_try_at is None:
        return False
    left = (row.next_try_at - utc_now()).total_seconds()
    return left > LONGEST_PAUSE_SECONDS and _give_up(generation_id, row.next_try_at, left)


def _give_up(generation_id: str, next_try_at: datetime, seconds: float) -> bool:
    """Commit that it has ended as it stands; False when somebody took it up meanwhile."""
    ended = end_generations(
        Generation.id == generation_id,
        Generation.status == Status.QUEUED,
        Generation.next_try_at == next_try_at,
        status=BY_WHAT_THERE_IS,
        error_retry_after=math.ceil(seconds),
    )
    db.session.commit()
    job_queue().cancel([each.job for each in ended if each.job])
    db.session.remove()
    return bool(ended)
