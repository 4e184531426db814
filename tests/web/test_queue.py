"""/queue: cards of what waits, runs and has ended badly, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey, Batch, Generation, Status
from app.models.generation import PASSED_ON, new_id
from app.models.types import utc_now
from app.providers.base import ProviderError
from app.services.generation_outcome import Expired, InternalError, Interrupted
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.input_images import InputGone
from app.services.queue.cards import MOST_CARDS
from app.services.queue.usual import medians
from app.services.recorded_calls import NotKept
from app.services.reports.failures import ADVICE
from app.services.workers import sign_on
from app.web.queue import about, failure_words
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.web.conftest import Browse

FRAGMENT = {"X-Fragment": "1"}
HOSTILE = "<script>alert(1)</script> \u202eevil\u202c \"'&amp; 🦊"


def made(app: Flask, status: str, role: str = "creator", **columns: Any) -> str:
    """Commit a generation of somebody; return its id."""
    with app.app_context():
        key = db.session.scalars(select(ApiKey.id).filter_by(name=f"the {role}")).one()
        now = utc_now()
        times = {"finished_at": now} if Status(status).ended else {}
        times |= {"started_at": now} if status == "running" else {}
        given = {"id": new_id(now), "status": status, "api_key_id": key, **times, **columns}
        return generation(**given).id


def codes(root: type[ProviderError] = ProviderError) -> Iterator[str]:
    for each in root.__subclasses__():
        yield each.code
        yield from codes(each)


@pytest.mark.parametrize(
    "code",
    sorted(
        {*codes(), *(e.code for e in (Interrupted, Expired, InternalError, InputGone, NotKept))}
    ),
)
def test_each_error_that_a_generation_may_end_with_has_words(code: str) -> None:
    why, what_to_do = failure_words(code, "As the provider put it.")
    assert why != "As the provider put it."
    assert what_to_do


def test_an_error_without_words_is_told_by_its_message() -> None:
    assert failure_words("brand_new", "It hiccuped.") == ("It hiccuped.", None)
    assert failure_words(None, None)[0]


def test_the_queue_and_the_reports_say_alike_that_nobody_answers() -> None:
    why, _ = failure_words("provider_unavailable", None)
    assert ADVICE["provider_unavailable"].startswith(why.rstrip("."))


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (14.4, "14 s"), (90, "2 min"), (7300, "2 h")]
)
def test_durations_are_told_as_one_says_them(seconds: float, words: str) -> None:
    assert about(seconds) == words.replace(" ", "\N{NO-BREAK SPACE}")


def test_cards_tell_what_goes_on_and_have_buttons_that_work_without_a_script(
    app: Flask, browse: Browse
) -> None:
    running = made(app, "running", prompt="A hare", n=3, done=1)
    waiting = made(app, "queued", "admin", prompt="A fox")
    page = browse("GET", "/queue").text
    assert "1 of 3" in page
    assert page.index("A hare") < page.index("A fox")
    assert "by the admin" in page
    assert "by the creator" not in page
    for each in (running, waiting):
        assert f'action="/queue/{each}/cancel"' in page


@ON_SQLITE
def test_what_is_passed_on_to_a_program_has_a_card_and_nothing_to_cancel_it(
    app: Flask, browse: Browse
) -> None:
    passed_on = made(app, "running", runner=PASSED_ON)
    page = browse("GET", "/queue").text
    assert f'id="job-{passed_on}"' in page
    assert f'action="/queue/{passed_on}/cancel"' not in page
    assert browse("POST", f"/queue/{passed_on}/cancel").status_code == 409


def test_what_goes_on_comes_before_old_failures_and_ones_own_first(
    app: Flask, browse: Browse
) -> None:
    failed = made(app, "failed", error_code="internal")
    failed_batch = batch_of(app, "failed")
    first = made(app, "running")
    others = [made(app, "running", "admin"), made(app, "queued", "admin")]
    batch = batch_of(app, "queued")
    last = made(app, "queued")
    page = browse("GET", "/queue", headers=FRAGMENT).text
    cards = re.findall(r'<li class="job[^"]*" id="job-(\w+)"', page)
    assert cards == [last, batch, first, *others, failed, failed_batch]


def test_what_runs_is_held_against_what_its_model_usually_takes(app: Flask, browse: Browse) -> None:
    with app.app_context():
        drawn = ImageGeneratorService().generate(GenerationRequest("A fox"))
        usual = medians()["sketch-1"]
    begun = utc_now() - timedelta(minutes=5)
    made(app, "running", model=drawn.model, n=2, started_at=begun)
    page = browse("GET", "/queue").text
    assert f"{about(300)}, usually about {about(2 * usual)}" in page
    assert f'data-usual="{2 * usual:.3f}"' in page


def test_a_failure_says_why_and_what_to_do_to_whoever_asked(app: Flask, browse: Browse) -> None:
    failed = made(app, "failed", error_code="content_blocked", error_message="SAFETY")
    page = browse("GET", "/queue").text
    assert "would not draw this" in page
    assert "other words" in page
    assert f'href="/?again={failed}"' in page
    assert f'action="/queue/{failed}/retry"' in page
    assert failed not in browse("GET", "/queue", role="admin").text


def test_what_came_with_fewer_pictures_says_so_and_cannot_be_retried(
    app: Flask, browse: Browse
) -> None:
    partly = made(app, "succeeded", n=3, done=2, error_code="no_image")
    page = browse("GET", "/queue").text
    assert "2 of 3" in page
    assert f'action="/queue/{partly}/retry"' not in page


def test_who_has_the_queue_as_it_is_gets_nothing(app: Flask, browse: Browse) -> None:
    first = browse("GET", "/queue", headers=FRAGMENT)
    revision = first.headers["X-Revision"]
    assert (first.status_code, first.headers["X-Active"]) == (200, "0")
    same = browse("GET", f"/queue?v={revision}", headers=FRAGMENT)
    assert (same.status_code, same.data, same.headers["X-Revision"]) == (204, b"", revision)
    waiting = made(app, "queued")
    with app.app_context():
        picture = kept_image().id
    other = browse("GET", "/queue?v=", headers=FRAGMENT)
    assert other.headers["X-Revision"] != revision
    assert (other.headers["X-Active"], other.headers["X-Pictures"]) == ("1", str(picture))
    assert waiting in other.text
    assert "<html" not in other.text


def test_cancel_ends_it_and_goes_back(app: Flask, browse: Browse) -> None:
    waiting = made(app, "queued")
    answer = browse("POST", f"/queue/{waiting}/cancel")
    assert (answer.status_code, answer.location) == (303, "/#queue")
    with app.app_context():
        assert db.session.get_one(Generation, waiting).status == Status.CANCELLED
    assert browse("POST", f"/queue/{waiting}/cancel").status_code == 409
    assert browse("POST", "/queue/nothing/cancel").status_code == 404


def test_a_retry_that_is_pressed_twice_asks_once_and_the_card_goes(
    app: Flask, browse: Browse
) -> None:
    failed = made(app, "failed", error_code="internal")
    for _ in range(2):
        assert browse("POST", f"/queue/{failed}/retry").status_code == 303
    with app.app_context():
        query = select(Generation.prompt).where(Generation.retry_of == failed)
        assert list(db.session.scalars(query)) == ["A fox"]
    assert f"job-{failed}" not in browse("GET", "/queue").text


def test_a_failure_that_is_dismissed_is_shown_no_more_on_this_device(
    app: Flask, browse: Browse
) -> None:
    first, second = (made(app, "failed", error_code="internal") for _ in range(2))
    assert browse("POST", f"/queue/{first}/dismiss", headers=FRAGMENT).status_code == 204
    page = browse("GET", "/queue", headers=FRAGMENT).text
    assert f"job-{first}" not in page
    assert f"job-{second}" in page


def batch_of(app: Flask, status: str, **columns: Any) -> str:
    """Commit a batch of two generations of the creator; return its id."""
    batch = new_id(utc_now())
    over = {"finished_at": utc_now()} if Status(status).ended else {}
    with app.app_context():
        key = db.session.scalars(select(ApiKey.id).filter_by(name="the creator")).one()
        db.session.add(Batch(id=batch, total=2, pictures=2, api_key_id=key, **over, **columns))
        db.session.commit()
    for prompt in ("A fox", "A hare"):
        made(app, status, batch_id=batch, prompt=prompt, error_code="internal" if over else None)
    return batch


def test_a_batch_is_one_card_and_ends_as_one(app: Flask, browse: Browse) -> None:
    batch = batch_of(app, "queued", name="<b>Animals</b>")
    page = browse("GET", "/queue").text
    assert "&lt;b&gt;Animals&lt;/b&gt;" in page
    assert "0 of 2 pictures" in page
    assert "A hare" not in page
    assert browse("POST", f"/queue/batches/{batch}/cancel").status_code == 303
    assert f"job-{batch}" not in browse("GET", "/queue").text


def test_a_batch_that_failed_is_retried_once_or_dismissed(app: Flask, browse: Browse) -> None:
    batch = batch_of(app, "failed")
    assert "2 failed" in browse("GET", "/queue").text
    for _ in range(2):
        assert browse("POST", f"/queue/batches/{batch}/retry").status_code == 303
    with app.app_context():
        again = select(Generation.id).where(Generation.retry_of.is_not(None))
        assert len(list(db.session.scalars(again))) == 2
    assert f"job-{batch}" not in browse("GET", "/queue").text


def test_a_batch_says_why_most_of_it_failed_and_leads_to_its_pictures(
    app: Flask, browse: Browse
) -> None:
    batch = batch_of(app, "failed")
    page = browse("GET", "/queue").text
    assert '<p class="why">Something broke on our side. Try again' in page
    assert f"?batch={batch}" not in page, "it has none"
    with app.app_context():
        rows = db.session.scalars(select(Generation).filter_by(batch_id=batch)).all()
        rows[0].status, rows[0].done, rows[0].error_code = Status.SUCCEEDED, 1, None
        db.session.commit()
    for _ in range(2):
        made(app, "failed", batch_id=batch, error_code="no_image")
    page = browse("GET", "/queue").text
    assert '<p class="why">Mostly: The provider answered in words' in page
    assert f'href="/?batch={batch}"' in page


@ON_SQLITE
def test_viewers_see_the_queue_and_change_nothing(app: Flask, browse: Browse) -> None:
    waiting = made(app, "queued")
    assert waiting in browse("GET", "/queue", role="viewer").text
    assert "<form" not in browse("GET", "/queue", role="viewer", headers=FRAGMENT).text
    for act in ("cancel", "retry", "dismiss"):
        for path in (f"/queue/{waiting}/{act}", f"/queue/batches/{waiting}/{act}"):
            assert browse("POST", path, role="viewer").status_code == 403


@ON_SQLITE
def test_another_sites_page_changes_nothing(app: Flask, browse: Browse) -> None:
    waiting = made(app, "queued")
    foreign = {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9"}
    assert browse("POST", f"/queue/{waiting}/cancel", headers=foreign).status_code == 403


@ON_SQLITE
def test_a_hostile_prompt_and_message_are_shown_as_text(app: Flask, browse: Browse) -> None:
    made(app, "failed", prompt=HOSTILE, error_code="brand_new", error_message=HOSTILE, model="<i>")
    page = browse("GET", "/queue").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<i>" not in page


@ON_SQLITE
def test_where_many_wait_ones_own_have_cards_and_the_rest_is_a_number(
    app: Flask, browse: Browse
) -> None:
    for _ in range(MOST_CARDS + 2):
        made(app, "queued", "admin")
    mine = made(app, "queued", prompt="A hare")
    page = browse("GET", "/queue").text
    assert f"job-{mine}" in page
    assert "2 more wait" in page


@ON_SQLITE
def test_where_nobody_draws_the_queue_says_so(app: Flask, browse: Browse) -> None:
    nobody = "Nobody is there to draw"
    assert nobody not in browse("GET", "/queue").text, "nothing waits"
    made(app, "queued")
    assert nobody in browse("GET", "/queue").text
    with app.app_context():
        sign_on("one", "sketch")
    assert nobody not in browse("GET", "/queue").text


@ON_SQLITE
def test_more_than_two_cards_fold_away_on_a_phone(app: Flask, browse: Browse) -> None:
    for _ in range(5):
        made(app, "queued", finished_at=None)
    page = browse("GET", "/queue").text
    assert "3 more" in page
    assert page.count('class="job waiting"') == 5
