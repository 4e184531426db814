"""Batches are handed to the job engine little by little, and are noted when they have ended.

Ten thousand jobs at once would make every look at the queue slow, and their transaction long.
"""

from __future__ import annotations

from sqlalchemy import exists, func, select, text, update

from app.extensions import db
from app.models import Batch, Generation, Status
from app.models.generation import UNFED
from app.services.job_queue import job_queue
from app.services.webhooks.events import tell_of_batches

# So many of all batches together wait in the engine: more than all workers begin between two rounds.
MOST_IN_ENGINE = 500
# In one transaction: others write meanwhile.
AT_ONCE = 50


def feed_batches() -> int:
    """Give jobs to what waits in batches, the oldest first, as far as there is room; return how many.

    Commits in parts. Several may do so at the same time.
    """
    fed = 0
    while db.session.scalar(select(Generation.id).where(text(UNFED)).limit(1)):
        given = give_jobs(AT_ONCE)
        db.session.commit()
        fed += given
        if given < AT_ONCE:
            break
    db.session.rollback()
    return fed


def give_jobs(most: int) -> int:
    """Do so for up to so many, in the present transaction; return for how many."""
    room = min(most, MOST_IN_ENGINE - _in_engine())
    if room <= 0:
        return 0
    chosen = select(Generation.id).where(text(UNFED)).order_by(Generation.batch_id, Generation.id)
    # Not as part of the update: PostgreSQL may ask a sub-query with a limit for each row anew.
    mine = db.session.scalars(chosen.limit(room).with_for_update(skip_locked=True)).all()
    # On SQLite somebody may have been quicker. The name stands for none until the real one comes.
    claim = update(Generation).where(Generation.id.in_(mine), text(UNFED)).values(job="")
    ids = db.session.scalars(
        claim.returning(Generation.id), execution_options={"synchronize_session": False}
    ).all()
    rows = select(Generation).where(Generation.id.in_(ids)).order_by(Generation.id)
    for row in db.session.scalars(rows.execution_options(populate_existing=True)).all():
        job_queue().enqueue(db.session(), row)
    return len(ids)


def finish_batches() -> list[str]:
    """Note of batches that all their generations have ended; return their ids. Commits.

    Each is noted by one who does so, and only after the last end was committed.
    """
    going_on = select(Batch.id).where(Batch.finished_at.is_(None))
    if db.session.scalar(going_on.limit(1)) is None:
        return []
    of_batch = Generation.batch_id == Batch.id
    left = exists().where(of_batch, Generation.status.in_((Status.QUEUED, Status.RUNNING)))
    last_end = select(func.max(Generation.finished_at)).where(of_batch).scalar_subquery()
    if not (ended := db.session.scalars(going_on.where(~left)).all()):
        return []
    noted = update(Batch).where(Batch.id.in_(ended), Batch.finished_at.is_(None))
    ids = db.session.scalars(
        noted.values(finished_at=last_end).returning(Batch.id),
        execution_options={"synchronize_session": False},
    ).all()
    tell_of_batches(ids)
    db.session.commit()
    return list(ids)


def _in_engine() -> int:
    """Return how many of all batches wait there, as far as that matters."""
    waiting = select(Generation.id).where(
        Generation.status == Status.QUEUED,
        Generation.batch_id.is_not(None),
        Generation.job.is_not(None),
    )
    first = waiting.limit(MOST_IN_ENGINE).subquery()
    return db.session.scalar(select(func.count()).select_from(first)) or 0
