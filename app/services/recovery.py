"""What a dead worker leaves behind goes on; what the engine lost is put back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, case, or_, select, update

from app.extensions import current_settings, db
from app.models import Generation, Status, Worker
from app.models.generation import FREE_PROVIDER
from app.models.types import utc_now
from app.providers.catalog import estimate_microusd
from app.services import budgets
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from app.services.generation_outcome import Expired, Interrupted, error_columns
from app.services.job_queue import job_queue
from app.services.provider_choice import provider_choice

# So many workers may die over one generation before it is taken for the cause.
MOST_INTERRUPTIONS = 3
AT_ONCE = 100
MOST_LOST = 200
EXPIRED = "It waited for its turn for more than {hours:g} hours. Ask again if it is still wanted."
POISON = (
    "The process that drew this died {count} times over it, so it is not tried again. "
    "What was under way may have been billed."
)


def requeue_abandoned(own: str | None = None) -> int:
    """Put back what has a job and whose lease ran out; return how many. Commits each.

    Not what a worker runs that lives: its clock may be another. But for the worker whose token is
    `own`: what it does not renew, it runs no more.
    """
    abandoned = _abandoned(own)
    job = Generation.job.is_not(None)
    ids = db.session.scalars(select(Generation.id).where(job, *abandoned).limit(AT_ONCE)).all()
    db.session.rollback()
    return sum(_requeue(generation_id, abandoned) for generation_id in ids)


def _abandoned(own: str | None) -> tuple[ColumnElement[bool], ...]:
    others = select(Worker.token)
    if own:
        others = others.where(Worker.token != own)
    return (
        Generation.status == Status.RUNNING,
        Generation.lease_until <= utc_now(),
        or_(Generation.runner.is_(None), Generation.runner.not_in(others)),
    )


def requeue_lost() -> int:
    """Put back what waits for a job that will never come; return how many. Commits each.

    A worker died between the job and its row, the database came back from a backup, or the like. About
    `MOST_LOST` and no more: then there may be others, for another call. The heartbeat waits for it.
    """
    waiting = (Generation.job.is_not(None), Generation.status == Status.QUEUED)
    last, count = "", 0
    while count < MOST_LOST:
        page = select(Generation.id, Generation.job).where(*waiting, Generation.id > last)
        rows = db.session.execute(page.order_by(Generation.id).limit(AT_ONCE)).all()
        db.session.rollback()
        if not rows:
            break
        alive = job_queue().waiting([row.job for row in rows])
        count += sum(_enqueue_again(row.id, row.job) for row in rows if row.job not in alive)
        last = rows[-1].id
    return count


def _enqueue_again(generation_id: str, job: str) -> bool:
    """Give one generation a new job, unless it has another already."""
    # The row is locked by the update, so of several who try one goes on.
    still = update(Generation).where(
        Generation.id == generation_id,
        Generation.status == Status.QUEUED,
        Generation.job == job,
    )
    if db.session.scalar(still.values(next_try_at=None).returning(Generation.id)) is None:
        db.session.rollback()
        return False
    generation = db.session.get_one(Generation, generation_id, populate_existing=True)
    job_queue().enqueue(db.session(), generation)
    db.session.commit()
    return True


def expire_waiting() -> int:
    """End what has waited for its turn too long; return how many. Commits.

    Not what is part of a batch: to wait long is what batches are for, and one cancels them whole.
    """
    longest = current_settings().max_queue_hours
    if longest is None:
        return 0
    late = end_generations(
        Generation.job.is_not(None),
        Generation.batch_id.is_(None),
        Generation.status == Status.QUEUED,
        Generation.created_at < utc_now() - timedelta(hours=longest),
        status=BY_WHAT_THERE_IS,
        **error_columns(Expired(EXPIRED.format(hours=longest))),
    )
    db.session.commit()
    job_queue().cancel([each.job for each in late if each.job])
    return len(late)


def _requeue(generation_id: str, abandoned: tuple[ColumnElement[bool], ...]) -> bool:
    """Give one generation a new job, or end it; False when it is no longer abandoned."""
    # The row is locked by the update, so of several who try one goes on.
    taken = (
        update(Generation)
        .where(Generation.id == generation_id, *abandoned)
        .values(
            status=Status.QUEUED,
            lease_until=None,
            runner=None,
            # Nobody died over what a worker that was told to end has handed back.
            interruptions=Generation.interruptions
            + case((Generation.runner.is_(None), 0), else_=1),
        )
        .returning(Generation.id)
    )
    if db.session.scalar(taken) is None:
        db.session.rollback()
        return False
    generation = db.session.get_one(Generation, generation_id, populate_existing=True)
    lost = generation.job
    # The picture under way is drawn again; whether it was billed, nobody knows.
    twice = generation.provider != FREE_PROVIDER
    generation.may_be_billed = generation.may_be_billed or twice
    if generation.interruptions > MOST_INTERRUPTIONS:
        _give_up(generation)
    else:
        job_queue().enqueue(db.session(), generation)
        if twice and generation.estimated_microusd:
            again = budgets.reserve_one_more(generation, _price(generation))
            generation.estimated_microusd = again
    db.session.commit()
    # Else it would hold a place among those that may run at once.
    job_queue().bury([lost] if lost else [])
    return True


def _price(generation: Generation) -> int:
    """Return what one picture may cost; too much rather than too little where nobody knows."""
    model = provider_choice().catalog.get(generation.model)
    inputs = len(generation.input_images or ())
    price = estimate_microusd(model, generation.size, 1, inputs) if model else None
    return price or (generation.estimated_microusd or 0) // generation.n


def _give_up(generation: Generation) -> None:
    db.session.flush()
    end_generations(
        Generation.id == generation.id,
        status=BY_WHAT_THERE_IS,
        **error_columns(Interrupted(POISON.format(count=generation.interruptions))),
    )
