"""Requests that a client sends again by itself, and that are drawn once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.errors import InvalidInput
from app.extensions import db
from app.models import Generation, Role
from app.models.types import utc_now
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.idempotency import once
from app.services.keys import create_key
from app.services.sent_again import enqueue_once, in_turn
from tests.models.samples import ON_SQLITE

ASKED = GenerationRequest("A fox", aspect_ratio="3:2")


@pytest.fixture
def key_id(context: Flask) -> int:
    return create_key("Ada", Role.CREATOR)[0].id


def end(generation_id: str, ago: timedelta) -> None:
    """Let a generation have ended so long ago."""
    values = {"status": "succeeded", "finished_at": utc_now() - ago}
    db.session.execute(update(Generation).filter_by(id=generation_id).values(values))
    db.session.commit()


def test_what_is_sent_again_is_the_first_one(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 0)
    assert [enqueue_once(ASKED, key_id, times) for times in (1, 2)] == [first, first]


def test_what_is_asked_for_anew_is_another_one(key_id: int) -> None:
    assert enqueue_once(ASKED, key_id, 0) != enqueue_once(ASKED, key_id, 0)


def test_another_request_or_another_key_finds_nothing(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 0)
    other = create_key("Grace", Role.CREATOR)[0].id
    assert enqueue_once(GenerationRequest("A fox"), key_id, 1) != first
    assert enqueue_once(ASKED, other, 1) != first


def test_of_several_at_once_each_finds_one_of_its_own(key_id: int) -> None:
    first = {enqueue_once(ASKED, key_id, 0) for _ in range(3)}
    assert {enqueue_once(ASKED, key_id, 1) for _ in range(3)} == first
    assert {enqueue_once(ASKED, key_id, 2) for _ in range(3)} == first


def test_when_the_first_never_came_the_next_one_is_it(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 1)
    assert enqueue_once(ASKED, key_id, 2) == first


def test_what_ended_a_moment_ago_is_found(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 0)
    end(first, timedelta(seconds=20))
    assert enqueue_once(ASKED, key_id, 1) == first


@ON_SQLITE
def test_what_ended_long_ago_is_drawn_anew(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 0)
    end(first, timedelta(minutes=2))
    assert enqueue_once(ASKED, key_id, 1) != first


@ON_SQLITE
def test_what_was_cancelled_is_not_begun_again(key_id: int) -> None:
    first = enqueue_once(ASKED, key_id, 0)
    cancel_generation(first)
    assert enqueue_once(ASKED, key_id, 1) == first


def test_of_those_that_come_at_the_same_time_each_finds_its_own(app: Flask) -> None:
    with app.app_context():
        key_id = create_key("Ada", Role.CREATOR)[0].id
        first = {enqueue_once(ASKED, key_id, 0) for _ in range(4)}

    def ask(_: int) -> str:
        with app.app_context():
            return enqueue_once(ASKED, key_id, 1)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) == first


def test_what_comes_while_the_first_is_being_recorded_finds_it(app: Flask) -> None:
    with app.app_context():
        key_id = create_key("Ada", Role.CREATOR)[0].id
    begun = Event()

    def again() -> str:
        with app.app_context():
            db.session.scalar(select(Generation.id))  # what was read before is old by then
            begun.set()
            with in_turn(key_id, 17):
                return enqueue_once(ASKED, key_id, 1)

    with ThreadPoolExecutor(1) as pool, app.app_context():
        with in_turn(key_id, 17):
            found = pool.submit(again)
            assert begun.wait(30)
            first = enqueue_once(ASKED, key_id, 0)
        assert found.result(30) == first


@ON_SQLITE
def test_no_caller_can_send_such_a_key(key_id: int) -> None:
    with pytest.raises(InvalidInput):
        once(key_id, " 0 01KAN4V5B6M7Q8R9S0T1V2W3X4", ASKED)
