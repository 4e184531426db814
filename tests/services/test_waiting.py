"""Waiting for the end of a generation."""

from __future__ import annotations

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.errors import Busy
from app.extensions import db
from app.models import Generation
from app.services.waiting import Waiters
from tests.models.samples import ON_SQLITE, generation

LONG = 20


def test_one_who_waits_is_told_the_end(context: Flask) -> None:
    generation_id = generation().id
    db.session.commit()

    def end() -> None:
        with context.app_context(), db.engine.begin() as connection:
            connection.execute(update(Generation).values(status="succeeded"))

    timer = threading.Timer(0.1, end)
    timer.start()
    assert Waiters(1).wait(generation_id, LONG) is True
    timer.join()


@pytest.mark.parametrize("status", ["queued", "running"])
def test_who_waits_no_longer_is_told_so(context: Flask, status: str) -> None:
    assert Waiters(1).wait(generation(status=status).id, 0.01) is False


@ON_SQLITE
@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_what_has_ended_is_not_waited_for(context: Flask, status: str) -> None:
    assert Waiters(1).wait(generation(status=status).id, LONG) is True
    assert Waiters(1).wait("gone", LONG) is True


def test_waiting_holds_no_connection(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def sleep(_seconds: float) -> None:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]

    generation_id = generation().id
    db.session.execute(text("SELECT 1"))
    monkeypatch.setattr(time, "sleep", sleep)
    assert Waiters(1).wait(generation_id, 0.02) is False
    assert set(held) == {0}


@ON_SQLITE
def test_when_too_many_wait_the_next_is_answered_at_once(context: Flask) -> None:
    generation_id = generation().id
    waiters = Waiters(1)
    waiters._places.acquire()
    began = time.monotonic()
    assert waiters.wait(generation_id, LONG) is None
    assert time.monotonic() - began < LONG / 4
    waiters._places.release()
    assert [waiters.wait(generation_id, 0.001) for _ in range(3)] == [False] * 3


@ON_SQLITE
def test_who_holds_a_place_can_wait_and_others_are_told_before_they_ask(context: Flask) -> None:
    waiters = Waiters(1)
    with waiters.place() as place:
        assert place.wait(generation(status="succeeded").id, LONG)
        with pytest.raises(Busy) as busy, waiters.place():
            pass
        assert busy.value.retry_after
    with waiters.place() as place:
        assert not place.wait(generation(status="queued").id, 0.01)
