"""How many answers of a provider one server process passes on at once."""

from __future__ import annotations

import threading

import pytest

from app.errors import Busy
from app.services.proxy_places import Place, ProxyPlaces


def test_a_place_is_free_again_once_the_answer_is_read_and_not_before() -> None:
    places = ProxyPlaces(1, seconds=0)
    first = places.take()
    with pytest.raises(Busy):
        places.take()
    first.read()
    first.read()  # as often as one likes
    second = places.take()
    with pytest.raises(Busy):
        places.take()
    second.saved()


def test_answers_that_are_not_saved_yet_are_bounded_too() -> None:
    places = ProxyPlaces(5, unsaved=2, seconds=0)
    first, second = places.take(), places.take()
    first.read()
    second.read()
    with pytest.raises(Busy):
        places.take()
    first.saved()
    first.saved()
    places.take()
    with pytest.raises(Busy):
        places.take()


def test_one_request_waits_for_a_place_and_the_next_is_sent_away() -> None:
    places = ProxyPlaces(1, waiting=1, seconds=30)
    held = places.take()
    got: list[Place] = []
    waiter = threading.Thread(target=lambda: got.append(places.take()))
    waiter.start()
    while not places._line:  # until the other one waits
        continue
    with pytest.raises(Busy):
        places.take()
    held.read()
    waiter.join()
    assert len(got) == 1


def test_one_request_waits_until_an_answer_is_saved_too() -> None:
    places = ProxyPlaces(5, unsaved=1, seconds=30)
    held = places.take()
    got: list[Place] = []
    waiter = threading.Thread(target=lambda: got.append(places.take()))
    waiter.start()
    while not places._line:
        continue
    held.read()
    assert places._line
    held.saved()
    waiter.join()
    assert len(got) == 1


def test_all_is_settled_once_the_last_one_is_saved() -> None:
    places = ProxyPlaces()
    assert places.settle(0)
    first, second = places.take(), places.take()
    first.saved()
    second.read()
    assert not places.settle(0)
    waiter = threading.Timer(0.01, second.saved)
    waiter.start()
    assert places.settle(30)
    waiter.join()


def test_a_refusal_leaves_nothing_taken() -> None:
    places = ProxyPlaces(1, unsaved=2, seconds=0)
    held = places.take()
    for _ in range(5):
        with pytest.raises(Busy):
            places.take()
    held.saved()
    places.take().saved()
    places.take().saved()
