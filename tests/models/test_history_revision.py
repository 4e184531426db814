"""The number that rises whenever a list of images could look different."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.models import Revision, history_revision
from tests.models.samples import kept_image

FUTURE = 2**62


def bumped() -> int:
    """Bump, and return the number while nobody else can have bumped."""
    history_revision.bump()
    number = history_revision.current()
    db.session.commit()
    return number


def test_a_history_without_any_image_has_the_number_0(context: Flask) -> None:
    db.session.query(Revision).delete()
    assert history_revision.current() == 0
    assert bumped() > 0


def test_the_number_rises_with_each_image_that_is_kept(context: Flask) -> None:
    numbers = [history_revision.current()]
    for _ in range(2):
        kept_image()
        numbers.append(history_revision.current())
    assert numbers == sorted(set(numbers))


def test_what_is_taken_back_was_no_change(context: Flask) -> None:
    before = bumped()
    history_revision.bump()
    db.session.rollback()
    assert history_revision.current() == before


def test_the_number_rises_when_the_clock_goes_back(context: Flask) -> None:
    bumped()
    db.session.execute(update(Revision).values(number=FUTURE))
    db.session.commit()
    assert [bumped(), bumped()] == [FUTURE + 1, FUTURE + 2]


def test_a_database_taken_back_to_a_copy_never_gives_a_number_again(context: Flask) -> None:
    copied = bumped()
    since = bumped()
    db.session.execute(update(Revision).values(number=copied))
    db.session.commit()
    assert bumped() > since


def test_two_changes_at_once_have_different_numbers(context: Flask) -> None:
    def change_often(_: int) -> list[int]:
        with context.app_context():
            return [bumped() for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(change_often, range(8)))
    assert all(each == sorted(each) for each in numbers)
    assert len({number for each in numbers for number in each}) == 80
