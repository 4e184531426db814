"""Messages are sent once they are committed, again after a failure, and given up in the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.errors import ConfigurationError
from app.extensions import db
from app.models import Event, Status, WebhookDelivery
from app.models.types import utc_now
from app.services.batch_feed import finish_batches
from app.services.batches import cancel_batch, submit_batch
from app.services.endings import end_generations
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.webhooks.delivery import Deliverer, deliverer
from app.services.webhooks.signing import signed_headers
from config import webhook_key
from tests.api.contract import check_message
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.log import logging_to
from tests.models.samples import ON_SQLITE, app_with, generation


@pytest.fixture
def delivering(telling: Flask) -> Iterator[Deliverer]:
    made = deliverer()
    assert made is not None
    with closing(made):
        yield made


def ended(number: int = 1) -> list[str]:
    """Cancel so many generations; return their ids."""
    return [cancel_generation(generation().id).id for _ in range(number)]


def row() -> WebhookDelivery:
    db.session.rollback()
    return db.session.scalars(
        select(WebhookDelivery), execution_options={"populate_existing": True}
    ).one()


def make_due() -> None:
    db.session.execute(update(WebhookDelivery).values(next_try_at=utc_now()))
    db.session.commit()


def test_each_end_is_told_once_and_signed(
    telling: Flask, delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    ids = ended(6)
    begun = int(time.time())
    while delivering.deliver_due():
        pass
    assert sorted(each.json["data"]["id"] for each in receiver.received) == ids
    assert not delivering.deliver_due()
    first = receiver.received[0]
    assert first.path == "/hook?from=proofsheet"
    assert first.headers["content-type"] == "application/json"
    assert first.headers["host"] == f"127.0.0.1:{receiver.port}"
    timestamp = int(first.headers["webhook-timestamp"])
    assert begun <= timestamp <= time.time()
    key = webhook_key(telling.config["SETTINGS"].webhook_secret)
    signed = signed_headers(key, first.headers["webhook-id"], timestamp, first.body)
    assert first.headers.items() >= signed.items()
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 6


@pytest.mark.parametrize("status", [500, 503, 429, 404, 302])
def test_what_is_not_taken_is_sent_again_later_by_the_same_id(
    delivering: Deliverer, receiver: WebhookReceiver, status: int
) -> None:
    receiver.answer(status)
    ended()
    before = utc_now()
    with logging_to() as log:
        assert delivering.deliver_due()
    waiting = row()
    [line] = log.lines("webhook")
    assert (line["level"], line["webhook_id"], line["reason"]) == (
        "warning",
        waiting.id,
        waiting.last_error,
    )
    assert (waiting.attempts, waiting.last_error) == (1, f"The answer was {status}.")
    assert waiting.next_try_at is not None
    assert timedelta(seconds=4) < waiting.next_try_at - before < timedelta(seconds=20)
    assert not delivering.deliver_due()
    make_due()
    assert delivering.deliver_due()
    done = row()
    assert (done.attempts, done.next_try_at, done.last_error) == (2, None, None)
    assert done.delivered_at is not None
    assert len(receiver.received) == 2, "a redirect is not followed"
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1


@pytest.mark.parametrize(("status", "attempts"), [(410, 0), (500, 7)])
def test_it_is_given_up_when_it_is_unwanted_or_the_last_try_failed(
    delivering: Deliverer, receiver: WebhookReceiver, status: int, attempts: int
) -> None:
    receiver.answer(status)
    ended()
    db.session.execute(update(WebhookDelivery).values(attempts=attempts))
    db.session.commit()
    assert delivering.deliver_due()
    assert (row().next_try_at, row().delivered_at) == (None, None)
    assert row().last_error == f"The answer was {status}."


def test_the_tries_go_on_for_most_of_a_day(
    delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    receiver.answer(*[500] * 8)
    ended()
    pauses = []
    for _ in range(8):
        make_due()
        before = utc_now()
        assert delivering.deliver_due()
        again = row().next_try_at
        if again is not None:
            pauses.append((again - before).total_seconds())
    assert pauses == sorted(pauses)
    assert len(pauses) == 7
    assert 18 * 3600 < sum(pauses) < 26 * 3600


def test_nobody_there_is_a_failure_like_others(telling: Flask) -> None:
    with WebhookReceiver() as gone:
        url = gone.url
    ended()
    with app_with(telling.config["SETTINGS"], webhook_url=url):
        made = deliverer()
        assert made is not None
        with closing(made):
            assert made.deliver_due()
    assert "No connection" in str(row().last_error)


def test_an_address_that_is_not_allowed_is_not_asked(
    telling: Flask, receiver: WebhookReceiver
) -> None:
    ended()
    with app_with(telling.config["SETTINGS"], webhook_private=False):
        made = deliverer()
        assert made is not None
        with closing(made):
            assert made.deliver_due()
    assert "PROOFSHEET_WEBHOOK_PRIVATE" in str(row().last_error)
    assert receiver.received == []


def test_what_another_worker_is_sending_is_left_to_it(
    delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    ended()
    db.session.execute(
        update(WebhookDelivery).values(next_try_at=utc_now() + timedelta(minutes=1), attempts=1)
    )
    db.session.commit()
    assert not delivering.deliver_due()
    make_due()  # it died
    assert delivering.deliver_due()
    assert (row().attempts, len(receiver.received)) == (2, 1)


def test_who_comes_back_too_late_changes_nothing(
    telling: Flask, delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    later = utc_now() + timedelta(minutes=1)

    def take_over() -> None:
        with telling.app_context():
            db.session.execute(update(WebhookDelivery).values(attempts=2, next_try_at=later))
            db.session.commit()

    ended()
    receiver.meanwhile(take_over)
    assert delivering.deliver_due()
    assert (row().attempts, row().next_try_at, row().delivered_at) == (2, later, None)


def test_of_several_workers_each_message_is_sent_by_one(
    telling: Flask, delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    ids = ended(12)
    together = Barrier(3)

    def deliver(_number: int) -> None:
        with telling.app_context():
            made = deliverer()
            assert made is not None
            together.wait()
            with closing(made):
                while made.deliver_due():
                    pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(deliver, range(3)))
    assert sorted(each.json["data"]["id"] for each in receiver.received) == ids


def test_where_there_is_no_webhook_nothing_is_noted(context: Flask) -> None:
    ended()
    assert db.session.scalars(select(WebhookDelivery)).all() == []
    assert deliverer() is None


def test_an_end_that_is_rolled_back_is_not_told(telling: Flask) -> None:
    end_generations(status=Status.FAILED)
    generation()
    assert end_generations(status=Status.FAILED)
    db.session.rollback()
    assert db.session.scalars(select(WebhookDelivery)).all() == []


def test_each_kind_of_end_has_a_name_of_its_own(telling: Flask) -> None:
    for status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED):
        generation()
        end_generations(status=status)
    db.session.commit()
    noted = db.session.scalars(select(WebhookDelivery.event)).all()
    assert sorted(noted) == sorted(set(Event) - {Event.BATCH_ENDED})


def test_a_batch_is_told_once_when_all_of_it_has_ended(
    telling: Flask, delivering: Deliverer, receiver: WebhookReceiver
) -> None:
    batch = submit_batch([GenerationRequest("A fox")] * 2, name="foxes")
    cancel_batch(batch.id)
    assert finish_batches() == []
    while delivering.deliver_due():
        pass
    told = [each.json for each in receiver.received]
    assert sorted(each["type"] for each in told) == ["batch.ended", *["generation.cancelled"] * 2]
    [message] = [each for each in told if each["type"] == "batch.ended"]
    check_message(telling, "batch", message)
    data = message["data"]
    assert (data["id"], data["name"], data["counts"]["cancelled"]) == (batch.id, "foxes", 2)
    assert data["finished_at"] is not None


@ON_SQLITE
def test_certificates_that_cannot_be_read_are_a_setting_to_mend(
    telling: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        deliverer()
