"""What the cards of the queue tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.models import Generation, Role, Status
from app.models.generation import new_id
from app.models.types import utc_now
from app.services.batch_feed import finish_batches
from app.services.batches import submit_batch
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.queue.cards import MOST_CARDS, SHOWN_FOR, Queue, own_waiting, read_queue
from app.services.queue.usual import UsualTimes
from app.services.workers import sign_on
from tests.models.samples import ON_SQLITE, deleted_image, generation, kept_image


def queue() -> Queue:
    db.session.rollback()
    return read_queue(UsualTimes())


def made(status: str, seconds_ago: float = 0, **columns: Any) -> Generation:
    at = utc_now() - timedelta(seconds=seconds_ago)
    ended = {"finished_at": at} if Status(status).ended else {}
    return generation(**{"id": new_id(at), "created_at": at, "status": status, **ended, **columns})


def test_what_runs_and_what_waits_has_cards_the_first_in_turn_first(context: Flask) -> None:
    rows = [made(status, ago) for status, ago in (("queued", 1), ("running", 2), ("queued", 3))]
    found = queue()
    assert found.active
    assert [card.id for card in found.running] == [rows[1].id]
    assert [card.id for card in found.waiting] == [rows[2].id, rows[0].id]
    assert found.waits == 2


@ON_SQLITE
def test_of_many_that_wait_the_rest_is_a_number(context: Flask) -> None:
    for number in range(MOST_CARDS + 3):
        made("queued", 100 - number)
    found = queue()
    assert (len(found.waiting), found.waits) == (MOST_CARDS, MOST_CARDS + 3)


@ON_SQLITE
def test_who_asked_among_many_finds_their_own(context: Flask) -> None:
    key, _ = create_key("Ada", Role.CREATOR)
    mine = made("queued", 1, api_key_id=key.id)
    made("failed", 1, api_key_id=key.id)
    made("queued", 1)
    assert [card.id for card in own_waiting(key.id, UsualTimes())] == [mine.id]


def test_it_is_told_whether_anybody_works(context: Flask) -> None:
    assert not queue().works
    sign_on("one", "sketch")
    assert queue().works


def test_a_card_says_who_asked_and_what_went_wrong_last(context: Flask) -> None:
    key, _ = create_key("Ada", Role.CREATOR)
    later = utc_now() + timedelta(seconds=30)
    made("queued", api_key_id=key.id, error_code="rate_limited", next_try_at=later, attempts=1)
    [card] = queue().waiting
    assert (card.key, card.made_by, card.error) == (key.id, "Ada", "rate_limited")
    assert card.next_try == later


def test_what_failed_is_shown_for_a_while_the_newest_first(context: Flask) -> None:
    long_ago = utc_now() - SHOWN_FOR - timedelta(seconds=1)
    made("failed", 30, error_code="no_image")
    made("failed", 20, error_code="internal", finished_at=long_ago)
    made("succeeded", 10, n=3, done=1, error_code="content_blocked", error_message="Blocked.")
    made("succeeded", 5)
    made("cancelled", 4)
    found = queue()
    assert not found.active
    assert [card.error for card in found.ended] == ["content_blocked", "no_image"]
    assert (found.ended[0].done, found.ended[0].message) == (1, "Blocked.")


def test_a_batch_is_one_card_and_its_generations_have_none(context: Flask) -> None:
    batch = submit_batch([GenerationRequest("A fox"), GenerationRequest("A hare", n=2)])
    found = queue()
    assert (found.running, found.waiting, found.waits) == ((), (), 0)
    assert found.active
    [card] = found.batches
    assert (card.id, card.total, card.pictures, card.left) == (batch.id, 2, 3, 2)


@pytest.mark.parametrize(("end", "cards"), [("failed", 1), ("succeeded", 0), ("cancelled", 0)])
def test_a_batch_that_is_over_is_shown_if_some_of_it_failed(
    context: Flask, end: str, cards: int
) -> None:
    submit_batch([GenerationRequest("A fox"), GenerationRequest("A hare")])
    values = {"status": Status(end), "finished_at": utc_now(), "error_code": "internal"}
    db.session.execute(update(Generation).values(**values))
    db.session.commit()
    finish_batches()
    found = queue()
    assert len(found.batches) == cards
    assert (found.active, found.ended) == (False, ())


def test_the_newest_pictures_are_named_but_for_deleted_ones(context: Flask) -> None:
    first, second = kept_image(), kept_image("A hare")
    deleted_image("A stoat")
    assert queue().pictures == (first.id, second.id)


def test_what_a_picture_usually_takes_is_the_median_of_its_model(context: Flask) -> None:
    for _ in range(3):
        ImageGeneratorService().generate(GenerationRequest("A fox"))
    made("queued", n=4)
    made("queued", model="never-drew", n=4)
    usual = {card.model: card.usual for card in queue().waiting}
    one = UsualTimes().seconds("sketch-1")
    assert one
    assert usual == {"sketch-1": 4 * one, "never-drew": None}
