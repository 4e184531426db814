"""Recorded calls are generations like others, wherever somebody looks at those."""

from __future__ import annotations

import pytest
from flask import Flask

from app.extensions import db
from app.models import Generation, Image, Source, Status
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.providers import base
from app.services import marks
from app.services.budgets import budgets_of
from app.services.check import CHECKERS, Options, find_faults
from app.services.health import workers
from app.services.marks import change_images
from app.services.picture_view import picture_view
from app.services.purge import purge_images
from app.services.queue.cards import read_queue
from app.services.queue.usual import UsualTimes
from app.services.queue_state import standing
from app.services.recorded_calls import Call, begin, fail, keep
from app.services.records import generation_record, image_record
from app.services.recovery import expire_waiting, requeue_abandoned, requeue_lost
from app.services.reports.question import ask
from app.services.reports.usage import usage
from tests.fakes.gemini_answers import image_part
from tests.pictures import picture
from tests.services.recorded_calls.answers import MODEL, PLAIN, PRICE, asked, body, called, record

SENT = picture(color="blue")


@pytest.fixture
def running(gemini: Flask, key: int) -> Call:
    """A call under way, after one that gave two pictures and one that failed."""
    given = (base.ImageData(SENT, "image/png"),)
    called(key, image_part(picture()), image_part(SENT), inputs=given, project="ads")
    fail(begin(asked("A bear"), key), base.ContentBlocked("No.", reason="SAFETY"))
    return begin(asked("A hen"), key)


def test_they_are_found_by_their_source(running: Call) -> None:
    rows = ImageManager().page(ImageFilter(source=Source.PROXY))
    assert [row.source for row in rows] == ["proxy", "proxy"]
    assert {row.project for row in rows} == {"ads"}
    assert ImageManager().count(ImageFilter(source=Source.UPLOAD)) == 1


def test_reports_and_budgets_count_them_once(running: Call, key: int) -> None:
    totals = usage(ask()).totals
    counted = ("generations", "images", "failures", "unpriced")
    assert [totals[each] for each in counted] == [2, 2, 1, 0]
    assert totals["cost_usd"] == PRICE / 1e6
    daily = budgets_of(key)[0]
    assert (daily.spent, daily.reserved) == (PRICE, PRICE), "the one that runs"


def test_the_check_finds_no_fault(running: Call) -> None:
    assert find_faults(CHECKERS, Options(), lambda _checker: lambda _number: None) == []


def test_one_that_runs_has_a_card(running: Call) -> None:
    queue = read_queue(UsualTimes())
    assert [(card.id, card.prompt, card.n, card.done) for card in queue.running] == [
        (running.id, "A hen", 1, 0)
    ]
    assert queue.running[0].passed_on
    assert [card.error for card in queue.ended] == ["content_blocked"]
    told = generation_record(record(running))
    assert (told["status"], told["progress"]) == ("running", {"done": 0, "total": 1})
    assert "passed on" in standing(record(running), workers())


def test_workers_leave_it_alone(running: Call) -> None:
    assert (requeue_abandoned(), requeue_lost(), expire_waiting()) == (0, 0, 0)
    assert record(running).status == Status.RUNNING
    assert keep(running, body(), PLAIN, 5)


def test_a_picture_leads_to_what_it_was_made_from_and_can_be_asked_for_again(
    running: Call,
) -> None:
    image = db.session.query(Image).filter_by(source=Source.PROXY).first()
    assert image is not None
    view = picture_view(image.id, ImageFilter())
    assert view.again is not None
    assert (view.again["model"], view.again["input_images"]) == (
        MODEL,
        image_record(image)["parents"],
    )
    assert [each["source"] for each in view.ancestors] == ["upload"]


def test_they_can_be_purged(running: Call) -> None:
    ids = [each.id for each in db.session.query(Image).filter_by(source=Source.PROXY)]
    change_images(ids, marks.delete())
    assert purge_images(ids, forget=True).purged == 2
    assert db.session.query(Generation).filter_by(final_prompt="A fox").count() == 0
