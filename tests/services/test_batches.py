"""Batches: whole or not at all, fed to the engine little by little, cancelled as one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.errors import Busy, Conflict, InvalidInput, KeyReused, NotFound
from app.extensions import db
from app.models import Batch, Generation, PastPrompt, Role, Status
from app.models.generation import UNFED, WAITING
from app.models.types import utc_now
from app.services import batch_feed, batches
from app.services.batch_feed import feed_batches, finish_batches
from app.services.batches import cancel_batch, find_batch, get_batch, submit_batch
from app.services.generation_request import GenerationRequest
from app.services.idempotency import once
from app.services.image_generator_service import ImageGeneratorService
from app.services.job_queue import job_queue
from app.services.keys import create_key
from app.services.recovery import expire_waiting, requeue_abandoned, requeue_lost
from app.services.templates import save_template
from tests.models.samples import ON_SQLITE, kept_image


def foxes(count: int, **fields: object) -> list[GenerationRequest]:
    return [GenerationRequest(f"Fox {number}", **fields) for number in range(count)]  # type: ignore[arg-type]


def rows() -> list[Generation]:
    """Return all generations in the order of their ids."""
    query = select(Generation).order_by(Generation.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def given() -> list[int]:
    """Return which of all have a job."""
    return [number for number, row in enumerate(rows()) if row.job is not None]


def recorded(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def change(row: Generation, **columns: object) -> None:
    db.session.execute(update(Generation).where(Generation.id == row.id).values(**columns))
    db.session.commit()


@pytest.fixture
def few_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine have three jobs of batches at once, in transactions of two; two at first."""
    monkeypatch.setattr(batch_feed, "MOST_IN_ENGINE", 3)
    monkeypatch.setattr(batch_feed, "AT_ONCE", 2)
    monkeypatch.setattr(batches, "FIRST_JOBS", 2)


def test_each_prompt_becomes_a_generation_in_its_order(context: Flask) -> None:
    save_template("oil", "{user_input} in {mood} oil")
    parent = kept_image()
    key = create_key("Ada", Role.CREATOR)[0]
    asked = [
        GenerationRequest(" A fox "),
        GenerationRequest(
            "A hare", n=3, size="512", seed=7, template="oil", variables={"mood": "blue"},
            project="spring", input_images=(parent.id,),
        ),
        GenerationRequest("a FOX"),
    ]  # fmt: skip
    batch = submit_batch(asked, name="Animals", project="zoo", api_key_id=key.id)
    assert (batch.name, batch.project, batch.total, batch.pictures) == ("Animals", "zoo", 3, 5)
    assert [row.prompt for row in rows()] == ["A fox", "A hare", "a FOX"]
    first, second, third = rows()
    assert (second.final_prompt, second.n, second.seed) == ("A hare in blue oil", 3, 7)
    assert (second.input_images, second.project, second.template_version) == (
        [parent.id],
        "spring",
        1,
    )
    assert {row.batch_id for row in rows()} == {batch.id}
    assert {row.api_key_id for row in rows()} == {key.id}
    assert first.prompt_id == third.prompt_id != second.prompt_id
    assert job_queue().waiting([str(row.job) for row in rows()]) == {row.job for row in rows()}


@pytest.mark.parametrize(
    ("bad", "field", "message"),
    [
        (GenerationRequest(" "), "prompts.1.prompt", "Prompt 2: The prompt is blank"),
        (GenerationRequest("x", n=0), "prompts.1.n", "Prompt 2: n is 1 to"),
        (GenerationRequest("x", size="9K"), "prompts.1.size", "Prompt 2: sketch-1 draws in"),
    ],
)
def test_one_prompt_that_does_not_fit_refuses_all(
    context: Flask, bad: GenerationRequest, field: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        submit_batch([GenerationRequest("A fox"), bad])
    assert refused.value.field == field
    assert recorded(Generation) == recorded(Batch) == recorded(PastPrompt) == 0


@ON_SQLITE
def test_what_a_prompt_names_must_be_there(context: Flask) -> None:
    with pytest.raises(NotFound, match="Prompt 3: There is no template"):
        submit_batch([*foxes(2), GenerationRequest("x", template="nowhere")])
    with pytest.raises(NotFound, match="Prompt 1: There is no image 9"):
        submit_batch([GenerationRequest("x", input_images=(9,))])


@ON_SQLITE
@pytest.mark.parametrize(("count", "told"), [(0, "none"), (10_001, "more than 10,000")])
def test_a_batch_has_1_to_10000_prompts(context: Flask, count: int, told: str) -> None:
    with pytest.raises(InvalidInput, match=f"1 to 10,000 prompts; this one has {told}"):
        submit_batch(foxes(1) * count)


@ON_SQLITE
def test_labels_are_checked(context: Flask) -> None:
    for label in ("name", "project"):
        with pytest.raises(InvalidInput, match="printable") as refused:
            submit_batch(foxes(1), **{label: "a\nb"})  # type: ignore[arg-type]
        assert refused.value.field == label


def test_a_batch_that_does_not_fit_is_refused_and_keeps_nobody_else_out(
    make_app: Callable[..., Flask],
) -> None:
    with make_app(max_queued=3).app_context():
        submit_batch(foxes(2))
        with pytest.raises(Busy, match="2 generations of batches wait already, and 2 more"):
            submit_batch(foxes(2))
        submit_batch(foxes(1))
        assert recorded(Batch) == 2
        for _ in range(3):
            ImageGeneratorService().enqueue(GenerationRequest("A hare"))
        with pytest.raises(Busy):
            ImageGeneratorService().enqueue(GenerationRequest("A hare"))


def test_a_request_sent_twice_makes_one_batch(context: Flask) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id
    wanted = once(key, "one", "batch x")
    assert find_batch(wanted) is None
    batch_id = submit_batch(foxes(2), api_key_id=key, once=wanted).id
    assert find_batch(wanted) == batch_id
    assert submit_batch(foxes(2), api_key_id=key, once=wanted).id == batch_id
    assert (recorded(Batch), recorded(Generation)) == (1, 2)
    with pytest.raises(KeyReused):
        find_batch(once(key, "one", "batch y"))


@pytest.mark.usefixtures("few_jobs")
def test_the_engine_gets_a_few_at_a_time_the_oldest_batch_first(context: Flask) -> None:
    submit_batch(foxes(4))
    assert given() == [0, 1]
    submit_batch(foxes(3))
    assert (given(), feed_batches()) == ([0, 1, 2], 0)
    for row in rows()[:2]:
        change(row, status=Status.RUNNING)
    assert (feed_batches(), given()) == (2, [0, 1, 2, 3, 4])
    change(rows()[2], status=Status.SUCCEEDED)
    assert (feed_batches(), given()) == (1, [0, 1, 2, 3, 4, 5])


def test_no_generation_gets_two_jobs_however_many_feed(app: Flask) -> None:
    with app.app_context():
        submit_batch(foxes(400))
    barrier = Barrier(3)

    def feed(_: int) -> int:
        with app.app_context():
            barrier.wait(30)
            return feed_batches()

    with ThreadPoolExecutor(3) as pool:
        fed = list(pool.map(feed, range(3)))
    with app.app_context():
        jobs = [str(row.job) for row in rows()]
        assert sum(fed) == 300
        assert job_queue().waiting(jobs) == set(jobs)
        assert requeue_lost() == 0


@pytest.mark.usefixtures("few_jobs")
def test_what_waits_to_be_fed_is_neither_lost_nor_late(context: Flask) -> None:
    submit_batch(foxes(5))
    db.session.execute(update(Generation).values(created_at=utc_now() - timedelta(days=30)))
    db.session.commit()
    service = ImageGeneratorService()
    assert (requeue_lost(), requeue_abandoned(), expire_waiting(), service.fail_interrupted()) == (
        (0,) * 4
    )
    assert {row.status for row in rows()} == {Status.QUEUED}


def test_the_rest_is_cancelled_and_what_is_done_stays(context: Flask) -> None:
    batch_id = submit_batch(foxes(4)).id
    done, drawing, *_ = rows()
    change(done, status=Status.SUCCEEDED, done=1, cost_microusd=5, finished_at=utc_now())
    change(drawing, status=Status.RUNNING, attempts=1, provider="gemini")
    view = cancel_batch(batch_id)
    assert view.batch.cancelled_at is not None
    assert view.batch.finished_at == max(row.finished_at for row in rows() if row.finished_at)
    assert (view.progress.counts[Status.CANCELLED], view.progress.left) == (3, 0)
    assert [row.cost_microusd for row in rows()] == [5, None, 0, 0]
    assert (view.progress.cost_microusd, view.progress.unpriced) == (5, 1)
    assert job_queue().waiting([str(row.job) for row in rows()]) == {done.job}
    with pytest.raises(Conflict):
        cancel_batch(batch_id)


def test_a_batch_ends_once_with_its_last_generation(context: Flask) -> None:
    batch_id = submit_batch(foxes(2)).id
    first, second = rows()
    change(first, status=Status.FAILED, finished_at=utc_now())
    assert finish_batches() == []
    change(second, status=Status.SUCCEEDED, finished_at=utc_now())
    assert finish_batches() == [batch_id]
    assert finish_batches() == []
    assert get_batch(batch_id).batch.finished_at == rows()[1].finished_at


@ON_SQLITE
def test_one_that_is_not_there(context: Flask) -> None:
    for change_it in (get_batch, cancel_batch):
        for batch_id in ("01M815CQ1FAEJKVBR6DN9XG2A2", "x\0"):
            with pytest.raises(NotFound):
                change_it(batch_id)


def test_progress_is_told_by_the_rows(context: Flask) -> None:
    batch_id = submit_batch(foxes(4, n=2)).id
    now = utc_now()
    one, two, three, _ = rows()
    begun = now - timedelta(minutes=9)
    old = now - timedelta(minutes=6)
    change(one, status=Status.SUCCEEDED, done=2, started_at=begun, finished_at=old, cost_microusd=7)
    change(two, status=Status.FAILED, done=1, started_at=old, finished_at=now)
    change(three, status=Status.RUNNING, done=1, started_at=now)
    progress = get_batch(batch_id).progress
    assert [progress.counts[each] for each in Status] == [1, 1, 1, 1, 0]
    assert (progress.done, progress.recent, progress.left, progress.ended) == (4, 1, 2, 2)
    assert (progress.cost_microusd, progress.unpriced) == (7, 1)
    assert (progress.started_at, progress.last_end) == (begun, now)


@ON_SQLITE
def test_what_waits_is_found_by_indexes_of_its_own(context: Flask) -> None:
    """Else each request would look through all that waits in batches."""
    for rest, index in (
        (f"{UNFED} ORDER BY batch_id, id", "unfed (status=? AND job=? AND batch_id>?)"),
        (WAITING, "waiting (status=? AND batch_id=?)"),
    ):
        query = f"EXPLAIN QUERY PLAN SELECT id FROM generations WHERE {rest}"  # noqa: S608
        [step] = db.session.execute(text(query)).all()
        assert step.detail.endswith(f"ix_generations_{index}")
