"""How a generation ends: in one statement, for every way there is to end.

Whatever must be true as soon as it has ended is committed with it, here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, null, update

from app.extensions import current_settings, db
from app.models import Generation, Status
from app.models.types import utc_now
from app.services.after_commit import after_commit
from app.services.generation_log import tell_ended
from app.services.tallies import count_ended
from app.services.webhooks.events import tell_of_ends


@dataclass(frozen=True, slots=True)
class Ended:
    """What others need to know of a generation that has just ended."""

    id: str
    status: Status
    job: str | None
    provider: str
    model: str
    n: int
    images: int
    attempts: int
    cost_microusd: int | None
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    api_key_id: int | None
    request_id: str | None
    # Only where the settings have it logged: it may be long.
    prompt: str | None


COLUMNS = (
    *(Generation.id, Generation.status, Generation.job, Generation.provider, Generation.model),
    *(Generation.n, Generation.done, Generation.attempts, Generation.cost_microusd),
    *(Generation.error_code, Generation.created_at, Generation.started_at, Generation.finished_at),
    *(Generation.api_key_id, Generation.request_id),
)


def end_generations(*where: ColumnElement[bool], **values: Any) -> list[Ended]:
    """End those that fit and have not ended, with the values of their end; return them.

    `values` holds at least the status; an expression may tell it row by row. Does not commit. When
    several try at once, each generation is ended by one of them.
    """
    going_on = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    end = {"finished_at": utc_now(), "lease_until": None, "next_try_at": None, **values}
    prompt = Generation.prompt if current_settings().log_prompts else null()
    statement = update(Generation).where(going_on, *where).values(end).returning(*COLUMNS, prompt)
    # The rows that a session holds are read anew by whoever wants them.
    rows = db.session.execute(statement, execution_options={"synchronize_session": False})
    ended = [Ended(*tuple(row)) for row in rows]
    after_commit(lambda: tell_ended(ended))
    tell_of_ends(ended)
    count_ended(ended)  # last: it has others wait
    return ended
