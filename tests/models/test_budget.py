"""The books of what was spent and what is reserved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.extensions import db
from app.models.budget import ALL, Account, Period, accounts_of, book, booked, reserve

DAY = date(2026, 11, 22)
TODAY = Account(ALL, Period.DAY, DAY)
MONTH = Account(ALL, Period.MONTH, date(2026, 11, 1))
KEYS_DAY = Account(7, Period.DAY, DAY)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period.DAY, date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        (Period.MONTH, date(2026, 12, 1), datetime(2027, 1, 1, tzinfo=UTC)),
        (Period.MONTH, date(2028, 2, 1), datetime(2028, 3, 1, tzinfo=UTC)),
        (Period.MONTH, date(2026, 4, 1), datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)
def test_a_period_ends_where_the_next_one_starts(
    period: Period, start: date, end: datetime
) -> None:
    assert period.end(start) == end
    assert period.start(end.date()) == end.date()


def test_what_a_key_spends_counts_in_all_too() -> None:
    assert accounts_of(None, DAY) == [TODAY, MONTH]
    assert accounts_of(7, DAY) == [TODAY, MONTH, KEYS_DAY, Account(7, Period.MONTH, MONTH.start)]


def test_amounts_are_reserved_up_to_the_limit_and_no_further(context: Flask) -> None:
    for expected in (set(), set(), {TODAY}):
        assert reserve({TODAY: 5, MONTH: 5}, {TODAY: 12}) == expected
        db.session.commit() if not expected else db.session.rollback()
    assert booked([TODAY, MONTH, KEYS_DAY]) == {TODAY: (0, 10), MONTH: (0, 10), KEYS_DAY: (0, 0)}
    assert reserve({TODAY: 2}, {TODAY: 12}) == set()


def test_what_was_spent_counts_as_what_is_reserved(context: Flask) -> None:
    book({TODAY: (6, 3), MONTH: (0, 0)})
    assert reserve({TODAY: 4}, {TODAY: 12}) == {TODAY}
    assert reserve({TODAY: 3}, {TODAY: 12}) == set()
    assert booked([TODAY]) == {TODAY: (6, 6)}


def test_each_account_has_its_own_limit(context: Flask) -> None:
    limits = {TODAY: 9, MONTH: 7, KEYS_DAY: 5}
    assert reserve(dict.fromkeys(limits, 5), limits) == set()
    assert reserve(dict.fromkeys(limits, 1), limits) == {KEYS_DAY}
    assert reserve({TODAY: 1, MONTH: 3}, limits) == {MONTH}


def test_more_than_the_limit_is_refused_where_nothing_was_spent(context: Flask) -> None:
    assert reserve({TODAY: 6, MONTH: 6}, {TODAY: 5}) == {TODAY}
    assert reserve({TODAY: 5}, {TODAY: 5}) == set()


def test_many_at_once_neither_overrun_a_limit_nor_lose_anything(app: Flask) -> None:
    """Each reserves in several accounts, and some settle what others reserve."""

    def spend(number: int) -> bool:
        accounts = (TODAY, MONTH, KEYS_DAY)[:: 1 if number % 2 else -1]
        with app.app_context():
            refused = reserve(dict.fromkeys(accounts, 3), {TODAY: 60, KEYS_DAY: 70})
            if refused:
                db.session.rollback()
            else:
                db.session.commit()
                book(dict.fromkeys(accounts, (2, -2)))
                db.session.commit()
            return not refused

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(spend, range(40)))
    with app.app_context():
        assert taken == 20
        assert booked([TODAY, MONTH, KEYS_DAY]) == dict.fromkeys([TODAY, MONTH, KEYS_DAY], (40, 20))
