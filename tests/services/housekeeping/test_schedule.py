"""Regular tasks: each when it is due, by one worker, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import repeat
from threading import Barrier

from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.models import Schedule
from app.models.types import utc_now
from app.services.housekeeping import TASKS, run_due, wanted_tasks
from app.services.housekeeping.schedule import claim
from app.services.housekeeping.task import Task
from tests.log import logging_to

HOUR = timedelta(hours=1)


def task(steps: Callable[[], Iterator[int]] = lambda: iter(()), name: str = "dust") -> Task:
    return Task(name, HOUR, "grains of dust", steps, lambda: 0)


def counting(done: list[str], name: str = "dust") -> Task:
    """A task that writes down that it was run."""

    def steps() -> Iterator[int]:
        done.append(name)
        yield 1

    return task(steps, name)


def plan(next_run: timedelta) -> None:
    db.session.execute(update(Schedule).values(next_run_at=utc_now() + next_run))
    db.session.commit()


def test_a_task_runs_when_it_is_due_and_not_before(context: Flask) -> None:
    done: list[str] = []
    dust = counting(done)
    for _ in range(3):
        assert not run_due([dust])
    assert done == ["dust"]
    plan(timedelta(seconds=-1))
    run_due([dust])
    assert done == ["dust"] * 2


def test_a_clock_that_went_wrong_does_not_stop_it_for_good(context: Flask) -> None:
    done: list[str] = []
    run_due([counting(done)])
    plan(timedelta(days=900))
    run_due([counting(done)])
    assert done == ["dust"] * 2


def test_of_several_workers_one_does_it(app: Flask, context: Flask) -> None:
    together = Barrier(4)

    def take(_number: int) -> bool:
        with app.app_context():
            together.wait()
            return claim(task())

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [False, False, False, True]


def test_one_that_fails_does_not_stop_the_others(context: Flask) -> None:
    def broken() -> Iterator[int]:
        raise KeyError("broken")
        yield

    done: list[str] = []
    with logging_to() as log:
        assert not run_due([task(broken, "broken"), counting(done)])
    assert done == ["dust"]
    assert [line["task"] for line in log.lines("fault")] == ["broken"]
    assert [line["removed"] for line in log.lines("housekeeping")] == [1]


def test_what_does_not_end_in_its_time_is_due_again_at_once(context: Flask) -> None:
    endless = task(lambda: repeat(1))
    assert run_due([endless], seconds=0)
    assert run_due([endless], seconds=0)


def test_all_tasks_run_on_an_empty_database_and_find_nothing(
    make_app: Callable[..., Flask],
) -> None:
    with make_app(trash_days=1, forget_prompts_days=1).app_context():
        assert wanted_tasks() == list(TASKS)
        assert [each.count() for each in TASKS] == [0] * len(TASKS)
        assert not run_due()
        names = set(db.session.scalars(select(Schedule.name)))
        assert names == {each.name for each in TASKS}


def test_nothing_that_users_keep_goes_unless_a_setting_says_so(context: Flask) -> None:
    assert {"trash", "prompts"} == {each.name for each in TASKS} - {
        each.name for each in wanted_tasks()
    }
