"""Requests that are sent twice and done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.errors import InvalidInput, KeyReused, NotFound
from app.extensions import db
from app.models import Generation, IdempotencyKey, Role
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.idempotency import LIFE, Once, find, once, remove_expired
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from tests.models.samples import ON_SQLITE

ASKED = GenerationRequest("A fox", variables={}, seed=7)


@pytest.fixture
def key_id(context: Flask) -> int:
    return create_key("Ada", Role.CREATOR)[0].id


def submit(key_id: int, asked: GenerationRequest = ASKED, key: str = "one") -> str:
    """Ask once by a key; return the generation's id."""
    return ImageGeneratorService().submit(asked, key_id, once(key_id, key, asked)).id


def recorded(table: type = Generation) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def age(by: timedelta) -> None:
    """Let so much time pass for every key."""
    db.session.execute(update(IdempotencyKey).values(created_at=utc_now() - by))
    db.session.commit()


def test_the_same_request_gives_the_same_generation(key_id: int) -> None:
    first = submit(key_id)
    assert submit(key_id) == first
    assert recorded() == 1


def test_another_request_with_the_key_is_refused(key_id: int) -> None:
    submit(key_id)
    with pytest.raises(KeyReused, match="new key"):
        submit(key_id, GenerationRequest("A hare"))
    assert recorded() == 1


def test_of_requests_at_the_same_time_one_makes_the_generation(app: Flask) -> None:
    with app.app_context():
        key_id = create_key("Ada", Role.CREATOR)[0].id
    barrier = Barrier(6)

    def ask(_: int) -> str:
        with app.app_context():
            barrier.wait(30)
            return submit(key_id)

    with ThreadPoolExecutor(6) as pool:
        answered = set(pool.map(ask, range(6)))
    with app.app_context():
        assert answered == set(db.session.scalars(select(Generation.id)))
        assert len(answered) == recorded(IdempotencyKey) == 1


def test_each_api_key_has_keys_of_its_own(key_id: int) -> None:
    other = create_key("Grace", Role.CREATOR)[0].id
    assert submit(key_id) != submit(other, GenerationRequest("A hare"))


def test_after_a_day_the_key_is_free_again(key_id: int) -> None:
    first = submit(key_id)
    age(LIFE - timedelta(minutes=1))
    assert submit(key_id) == first
    age(LIFE)
    asked = GenerationRequest("A hare")
    second = submit(key_id, asked)
    assert second != first
    assert submit(key_id, asked) == second
    assert recorded(IdempotencyKey) == 1


def test_keys_that_are_free_again_are_removed_as_others_come(key_id: int) -> None:
    for number in range(3):
        submit(key_id, key=f"key {number}")
    age(LIFE)
    submit(key_id)
    assert db.session.scalars(select(IdempotencyKey.key)).all() == ["one"]


def test_so_many_are_removed_at_once_and_no_more(key_id: int) -> None:
    for number in range(3):
        submit(key_id, key=f"key {number}")
    age(LIFE)
    remove_expired(2)
    db.session.commit()
    assert recorded(IdempotencyKey) == 1


@ON_SQLITE
def test_a_request_that_is_refused_leaves_its_key_free(key_id: int) -> None:
    with pytest.raises(NotFound):
        submit(key_id, GenerationRequest("A fox", template="nowhere"))
    assert recorded(IdempotencyKey) == 0


@ON_SQLITE
def test_a_request_is_known_before_anything_is_recorded(key_id: int) -> None:
    wanted = once(key_id, "one", ASKED)
    assert find(wanted) is None
    first = submit(key_id)
    assert find(wanted) == first


def test_what_was_left_out_is_the_same_as_its_default() -> None:
    plain = once(1, "one", GenerationRequest("A fox"))
    assert once(1, "one", GenerationRequest("A fox", n=1, seed=None, variables={})) == plain


@pytest.mark.parametrize(
    "other",
    [
        GenerationRequest("a fox"),
        GenerationRequest("A fox", n=2),
        GenerationRequest("A fox", seed=0),
        GenerationRequest("A fox", variables={"a": "b"}),
        GenerationRequest("A fox", input_images=(1, 2)),
        GenerationRequest("A fox", input_images=(2, 1)),
    ],
    ids=str,
)
def test_any_field_makes_another_request(other: GenerationRequest) -> None:
    asked = [other, GenerationRequest("A fox"), GenerationRequest("A fox", input_images=(1,))]
    assert len({once(1, "one", each).body_sha256 for each in asked}) == 3


@pytest.mark.parametrize("key", ["", " ", " a", "a ", "a\nb", "ä", "a\0", "x" * 256, "a\n"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="printable"):
        once(1, key, ASKED)


@pytest.mark.parametrize("key", ["a", "ab", '"quoted, even"', "x" * 255])
def test_what_a_key_may_be(key: str) -> None:
    assert isinstance(once(1, key, ASKED), Once)
