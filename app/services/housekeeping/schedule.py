"""Which task is due, and who of all workers does it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.extensions import db
from app.logs import tell, tell_fault
from app.models import Schedule
from app.models.types import utc_now
from app.services.housekeeping.task import Task
from app.services.housekeeping.tasks import wanted_tasks

RUN_SECONDS = 20.0


def run_due(tasks: Iterable[Task] | None = None, seconds: float = RUN_SECONDS) -> bool:
    """Run the tasks that are due, each for so long at the most; tell whether one has more to do.

    All that the settings ask for, if not told otherwise. What goes wrong in one is logged, and does
    not stop the others.
    """
    now = utc_now()
    planned = dict(db.session.execute(select(Schedule.name, Schedule.next_run_at)).all())
    db.session.rollback()
    more = False
    for task in wanted_tasks() if tasks is None else tasks:
        if not now < planned.get(task.name, now) <= _latest(task, now) and claim(task):
            more |= _run(task, seconds)
    return more


def claim(task: Task) -> bool:
    """Commit that a task is done now and next after its time; False when somebody was quicker."""
    now = utc_now()
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = {"next_run_at": now + task.every, "last_run_at": now}
    due = or_(Schedule.next_run_at <= now, Schedule.next_run_at > _latest(task, now))
    taken = (
        dialect.insert(Schedule)
        .values(name=task.name, **row)
        .on_conflict_do_update(index_elements=[Schedule.name], set_=row, where=due)
        .returning(Schedule.name)
    )
    won = db.session.scalar(taken) is not None
    db.session.commit()
    return won


def _latest(task: Task, now: datetime) -> datetime:
    """Return the latest moment that is believed: a later one was set by a clock that went wrong."""
    return now + 2 * task.every


def _run(task: Task, seconds: float) -> bool:
    try:
        removed, finished = task.run(seconds)
    except Exception as error:  # noqa: BLE001 - it is told
        tell_fault(error, task=task.name)
        return False
    finally:
        db.session.remove()
    if removed:
        tell("housekeeping", task=task.name, removed=removed, finished=finished)
    if not finished:
        again = update(Schedule).where(Schedule.name == task.name)
        db.session.execute(again.values(next_run_at=utc_now() - timedelta(microseconds=1)))
        db.session.commit()
    return not finished
