"""Numbers and moments as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from app.web.moments import date_and_time, day_name, month_name
from app.web.numbers import file_size, money, seconds, short, whole

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("microusd", "shown"),
    [
        (None, "unpriced"),
        (0, "$0.00"),
        (39_000, "$0.039"),
        (40_000, "$0.040"),
        (123_456, "$0.12"),
        (999_999, "$1.00"),
        (12, "$0.000012"),
        (1, "$0.000001"),
        (1_005_000, "$1.00"),
        (24_700_000, "$24.70"),
        (1_234_560_000, "$1,234.56"),
        (123_456_789, "$123.46"),
        (-1_500_000, "$-1.50"),
    ],
)
def test_money_is_told_to_the_cent_and_below_a_dollar_to_two_digits(
    microusd: int | None, shown: str
) -> None:
    assert money(microusd) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (12_345, "12.3k"),
        (4_500_000, "4.5M"),
        (0.125, "0.125"),
    ],
)
def test_large_numbers_are_told_in_short(number: float, shown: str) -> None:
    assert short(number) == shown


def test_whole_numbers_have_their_thousands_apart() -> None:
    assert whole(1_234_567) == "1,234,567"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (50_500, "50.5 kB"), (2_500_000_000, "2.5 GB")],
)
def test_files_are_told_in_a_unit_that_suits_them(count: int, shown: str) -> None:
    assert file_size(count) == shown


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(840, "0.8 s"), (9_940, "9.9 s"), (14_200, "14 s"), (60_000, "1 min"), (125_000, "2 min 5 s")],
)
def test_durations_are_told_as_one_says_them(milliseconds: int, shown: str) -> None:
    assert seconds(milliseconds) == shown


def test_days_have_names() -> None:
    assert day_name(TODAY, TODAY) == "Today"
    assert day_name(date(2026, 2, 28), TODAY) == "Yesterday"
    assert day_name(date(2026, 2, 27), TODAY) == "Friday, 27 February 2026"
    assert month_name(TODAY) == "March 2026"


def test_a_moment_is_told_in_its_own_zone() -> None:
    moment = datetime(2026, 11, 22, 9, 5, tzinfo=timezone(timedelta(hours=13)))
    assert date_and_time(moment) == "22 Nov 2026, 09:05"
