"""How a generation ends: in one statement, for every way there is to end.

Whatever must be true as soon as it has ended is committed with it, here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, update

from app.extensions import db
from app.models import Generation, Status
from app.models.types import utc_now
from app.services.webhooks.events import tell_of_ends


@dataclass(frozen=True, slots=True)
class Ended:
    """What others need to know of a generation that has just ended."""

    id: str
    status: Status
    job: str | None


COLUMNS = (Generation.id, Generation.status, Generation.job)


def end_generations(*where: ColumnElement[bool], **values: Any) -> list[Ended]:
    """End those that fit and have not ended, with the values of their end; return them.

    `values` holds at least the status; an expression may tell it row by row. Does not commit. When
    several try at once, each generation is ended by one of them.
    """
    going_on = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    end = {"finished_at": utc_now(), "lease_until": None, "next_try_at": None, **values}
    statement = update(Generation).where(going_on, *where).values(end).returning(*COLUMNS)
    # The rows that a session holds are read anew by whoever wants them.
    rows = db.session.execute(statement, execution_options={"synchronize_session": False})
    ended = [Ended(*row) for row in rows]
    tell_of_ends(ended)
    return ended
