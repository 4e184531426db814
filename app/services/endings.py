"""How a generation ends: in one statement, for every way there is to end.

Whatever must be true as soon as it has ended is committed with it, here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, null, or_, select, update

from app.extensions import current_settings, db
from app.models import Generation, Image, Status
from app.models.generation import FREE_PROVIDER
from app.models.reporting import book as report_book
from app.models.types import utc_now
from app.services import budgets
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
    estimated_microusd: int | None
    cost_microusd: int | None
    error_code: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    api_key_id: int | None
    size: str
    project: str | None
    template: str | None
    request_id: str | None
    # Only where the settings have it logged: it may be long.
    prompt: str | None


COLUMNS = (
    *(Generation.id, Generation.status, Generation.job, Generation.provider, Generation.model),
    *(Generation.n, Generation.done, Generation.attempts, Generation.estimated_microusd),
    *(Generation.cost_microusd, Generation.error_code, Generation.created_at),
    *(Generation.started_at, Generation.finished_at, Generation.api_key_id),
    *(Generation.size, Generation.project, Generation.template, Generation.request_id),
)
_IMAGES = Image.generation_id == Generation.id
# The status of one that ends by itself.
BY_WHAT_THERE_IS = case(
    (or_(Generation.done > 0, exists().where(_IMAGES)), Status.SUCCEEDED), else_=Status.FAILED
)
# Where nobody can say more: the provider may have been drawing just now.
UNDER_WAY = (Generation.status == Status.RUNNING) & (Generation.provider != FREE_PROVIDER)
# One without a price makes the sum unknown, and so does one that was kept and is purged.
_COST = (
    select(
        case(
            (func.count(Image.cost_microusd) < func.count(), null()),
            (func.count() < Generation.done, null()),
            else_=func.coalesce(func.sum(Image.cost_microusd), 0),
        )
    )
    .where(_IMAGES)
    .correlate(Generation)
    .scalar_subquery()
)


def end_generations(
    *where: ColumnElement[bool],
    may_be_billed: ColumnElement[bool] = UNDER_WAY,
    **values: Any,
) -> list[Ended]:
    """End those that fit and have not ended, with the values of their end; return them.

    `values` holds at least the status; an expression may tell it row by row. The cost is that of the
    images, and not known where more may be billed: by `may_be_billed`, or in an earlier turn. It takes
    the place of what was reserved in the budgets. Does not commit. When several try at once, each
    generation is ended by one of them.
    """
    going_on = Generation.status.in_((Status.QUEUED, Status.RUNNING))
    unknown = or_(func.coalesce(Generation.may_be_billed, False), may_be_billed)
    end = {
        "finished_at": utc_now(),
        "lease_until": None,
        "next_try_at": None,
        "cost_microusd": case((unknown, null()), else_=_COST),
        **values,
    }
    prompt = Generation.prompt if current_settings().log_prompts else null()
    statement = update(Generation).where(going_on, *where).values(end).returning(*COLUMNS, prompt)
    # The rows that a session holds are read anew by whoever wants them.
    rows = db.session.execute(statement, execution_options={"synchronize_session": False})
    ended = [Ended(*tuple(row)) for row in rows]
    after_commit(lambda: tell_ended(ended))
    tell_of_ends(ended)
    # Last: these have others wait.
    budgets.settle(ended)
    count_ended(ended)
    report_book.book_generations(ended)
    return ended
