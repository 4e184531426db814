"""What a dead worker left goes on, and what the engine lost is put back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.extensions import db
from app.models import Generation
from app.models.types import utc_now
from app.services import recovery
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.recovery import expire_waiting, requeue_abandoned, requeue_lost
from app.services.workers import Watch, beat, live_workers, sign_off, sign_on
from tests.jobs.engine_rows import set_job
from tests.models.samples import generation

# On SQLite one writes at a time.
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PAST = timedelta(seconds=-1)


def enqueue(**columns: object) -> Generation:
    """Commit a generation with a job, then change its columns."""
    row = ImageGeneratorService().enqueue(GenerationRequest("A fox"))
    if columns:
        db.session.execute(update(Generation).where(Generation.id == row.id).values(**columns))
        db.session.commit()
    db.session.refresh(row)
    return row


def running(token: str, lease: timedelta = timedelta(seconds=60), **more: object) -> Generation:
    return enqueue(status="running", runner=token, lease_until=utc_now() + lease, **more)


def test_what_was_abandoned_gets_a_new_job(context: Flask) -> None:
    row = running("dead", PAST)
    old = str(row.job)
    assert requeue_abandoned() == 1
    assert requeue_abandoned() == 0
    db.session.refresh(row)
    assert (row.status, row.runner, row.interruptions) == ("queued", None, 1)
    assert job_queue().waiting([old, str(row.job)]) == {row.job}


def test_what_somebody_runs_or_has_no_job_is_left_alone(context: Flask) -> None:
    running("alive")
    generation(status="running", lease_until=utc_now() + PAST)
    assert requeue_abandoned() == requeue_lost() == 0


def test_over_what_several_died_nobody_else_must(context: Flask) -> None:
    row = running("dead", PAST, interruptions=3, done=0)
    assert requeue_abandoned() == 1
    db.session.refresh(row)
    assert (row.status, row.error_code, row.cost_microusd) == ("failed", "interrupted", 0)
    assert job_queue().waiting([str(row.job)]) == set()


def test_a_worker_that_signs_on_again_frees_what_it_left(context: Flask) -> None:
    first = sign_on("one")
    row = running(first)
    assert requeue_abandoned() == 0
    second = sign_on("one")
    assert requeue_abandoned() == 1
    db.session.refresh(row)
    assert row.status == "queued"
    assert not beat(first, [])
    assert beat(second, [])
    assert [each.token for each in live_workers()] == [second]


def test_a_worker_that_leaves_frees_what_it_runs(context: Flask) -> None:
    token = sign_on("one")
    running(token)
    sign_off(token)
    assert live_workers() == []
    assert requeue_abandoned() == 1


def test_what_was_handed_back_has_interrupted_nobody(context: Flask) -> None:
    row = running(token := sign_on("one"), interruptions=3)
    sign_off(token)
    assert requeue_abandoned() == 1
    db.session.refresh(row)
    assert (row.status, row.interruptions) == ("queued", 3)


def test_what_a_living_worker_runs_is_taken_by_nobody_else(context: Flask) -> None:
    """Whatever the clock says: that of the one who looks may be ahead."""
    row = running(token := sign_on("one"), PAST)
    other = sign_on("two")
    assert requeue_abandoned(other) == requeue_abandoned() == 0
    assert requeue_abandoned(token) == 1, "it did not renew it"
    db.session.refresh(row)
    assert row.status == "queued"


def test_a_heartbeat_renews_the_leases_of_what_runs(context: Flask) -> None:
    token = sign_on("one")
    mine, finished = running(token, PAST), running(token, PAST)
    assert beat(token, [mine.id])
    assert requeue_abandoned(token) == 1
    db.session.refresh(finished)
    assert finished.status == "queued"


def test_who_is_silent_is_struck_off_and_who_beats_is_not(context: Flask) -> None:
    dead, alive = sign_on("dead"), sign_on("alive")
    row = running(dead)
    watch = Watch(silence_seconds=-1)
    assert watch.strike_off_the_dead() == 2, "with no patience at all, both"
    dead, alive = sign_on("dead"), sign_on("alive")
    watch = Watch(silence_seconds=0)
    assert watch.strike_off_the_dead() == 0
    assert beat(alive, [])
    assert watch.strike_off_the_dead() == 1
    assert [each.name for each in live_workers()] == ["alive"]
    assert requeue_abandoned() == 1
    db.session.refresh(row)
    assert row.status == "queued"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_who_could_not_look_takes_nobody_for_dead(context: Flask) -> None:
    """As after an outage of the database, in which nobody could beat."""
    first, second = sign_on("first"), sign_on("second")
    watch = Watch(20, clock := Clock())
    assert watch.strike_off_the_dead() == 0
    clock.now += 25
    assert beat(first, [])
    assert watch.strike_off_the_dead() == 0
    for _ in range(6):
        clock.now += 3
        assert beat(first, [])
        assert watch.strike_off_the_dead() == 0
    clock.now += 3
    assert watch.strike_off_the_dead() == 1, "it has been silent since"
    assert not beat(second, [])


@ON_POSTGRESQL
def test_a_heartbeat_waits_for_nobody_who_ends_what_runs(context: Flask) -> None:
    token = sign_on("one")
    rows = [running(token, PAST).id for _ in range(2)]
    db.session.commit()
    held = select(Generation.id).where(Generation.id == rows[0]).with_for_update()
    with db.engine.connect() as other:
        other.execute(held)
        db.session.execute(text("SET LOCAL lock_timeout = '1s'"))
        assert beat(token, rows)
    leases = db.session.scalars(
        select(Generation.id).where(Generation.lease_until > utc_now())
    ).all()
    assert leases == [rows[1]]


def test_a_job_that_is_gone_is_made_anew(context: Flask) -> None:
    kept, lost = enqueue(), enqueue()
    db.session.commit()
    old = str(lost.job)
    job_queue().cancel([old])
    assert requeue_lost() == 1
    assert requeue_lost() == 0
    db.session.refresh(lost)
    assert job_queue().waiting([str(kept.job), str(lost.job), old]) == {kept.job, lost.job}


def test_of_many_that_are_lost_some_are_made_anew_at_a_time(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeat waits for it; the next search goes on."""
    monkeypatch.setattr(recovery, "AT_ONCE", 2)
    monkeypatch.setattr(recovery, "MOST_LOST", 3)
    jobs = [str(enqueue().job) for _ in range(6)]
    job_queue().cancel(jobs[1:])
    assert [requeue_lost() for _ in range(3)] == [3, 2, 0]
    waiting = db.session.scalars(select(Generation.job)).all()
    assert job_queue().waiting([*jobs, *map(str, waiting)]) == set(waiting)


def test_what_waited_too_long_is_ended(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_queue_hours=2)
    with app.app_context():
        late = enqueue(created_at=utc_now() - timedelta(hours=3))
        soon = enqueue()
        assert expire_waiting() == 1
        db.session.refresh(late)
        db.session.refresh(soon)
        assert (late.status, late.error_code, soon.status) == ("failed", "expired", "queued")
        assert late.finished_at is not None
        db.session.commit()
        assert job_queue().waiting([str(late.job), str(soon.job)]) == {soon.job}


def test_where_waiting_has_no_limit_nothing_is_ended(make_app: Callable[..., Flask]) -> None:
    app = make_app(max_queue_hours="none")
    with app.app_context():
        enqueue(created_at=utc_now() - timedelta(days=9000))
        assert expire_waiting() == 0


@pytest.mark.parametrize("begun", [True, False])
def test_a_job_begun_by_a_worker_that_is_no_more_is_made_anew(context: Flask, begun: bool) -> None:
    """It died between the job and its row."""
    row = enqueue()
    if begun:
        begin(str(row.job), "dead")
    live = sign_on("one")
    job_queue().strike_orphans(lambda: [live])
    assert requeue_lost() == begun


ENDED_BADLY = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED", "SUCCESS"]


@pytest.mark.parametrize("state", ENDED_BADLY)
def test_what_waits_though_its_job_has_ended_gets_a_new_one(context: Flask, state: str) -> None:
    """Something broke before the row could tell, such as the database."""
    row = enqueue()
    broken = str(row.job)
    set_job(broken, status=state)
    assert requeue_lost() == 1
    db.session.refresh(row)
    assert row.status == "queued"
    assert job_queue().waiting([broken, str(row.job)]) == {row.job}


@pytest.mark.parametrize("state", ENDED_BADLY)
def test_what_runs_though_its_job_has_ended_goes_on_after_its_lease(
    context: Flask, state: str
) -> None:
    token = sign_on("one")
    row = running(token)
    set_job(str(row.job), status=state)
    assert beat(token, [])  # it is none of those that the worker runs
    assert requeue_abandoned() == requeue_lost() == 0
    db.session.execute(update(Generation).values(lease_until=utc_now() + PAST))
    db.session.commit()
    assert requeue_abandoned(token) == 1
    db.session.refresh(row)
    assert (row.status, row.interruptions) == ("queued", 1)


def begin(job: str, token: str) -> None:
    """Hand a job to a worker, as the engine does."""
    set_job(job, status="PENDING", executor_id=token)
