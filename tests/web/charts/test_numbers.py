"""How numbers are written."""

from __future__ import annotations

import pytest

from app.web.charts.numbers import (
    axis_money,
    count,
    full_money,
    money,
    percent,
    seconds,
    short,
    size,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.05, "0.05"),
        (0.001234, "0.0012"),
        (7, "7"),
        (950, "950"),
        (999.6, "1k"),
        (1_000, "1k"),
        (12_345, "12.3k"),
        (999_949, "1M"),
        (1_234_567, "1.23M"),
        (2_500_000_000, "2.5G"),
    ],
)
def test_a_number_on_an_axis_has_three_digits_at_most(value: float, said: str) -> None:
    assert short(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "$0.00"),
        (0.0336, "$0.034"),
        (0.5, "$0.50"),
        (0.000012, "$0.000012"),
        (12.3, "$12.30"),
        (1_234.5, "$1,234.50"),
        (12_345, "$12.3k"),
    ],
)
def test_money_is_told_to_the_cent_and_a_lot_in_short(value: float, said: str) -> None:
    assert money(value) == said


def test_money_on_an_axis_goes_as_far_as_its_steps() -> None:
    assert [axis_money(value) for value in (0, 0.125, 0.5, 12_345)] == [
        *("$0", "$0.125", "$0.50", "$12.3k"),
    ]


def test_money_in_a_table_is_never_shortened() -> None:
    assert full_money(12_345.678) == "$12,345.68"
    assert full_money(0) == "$0.00"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 s"),
        (0.14, "0.14 s"),
        (14.94, "14.9 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations_are_told_in_what_one_thinks_in(value: float, said: str) -> None:
    assert seconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0 B"), (950, "950 B"), (12_345_678, "12.3 MB"), (10**12, "1 TB")]
)
def test_bytes_are_told_in_thousands(value: float, said: str) -> None:
    assert size(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0%"), (0.0004, "<0.1%"), (0.0213, "2.1%"), (0.5, "50%"), (1, "100%")]
)
def test_a_share_that_is_there_is_never_told_as_nothing(value: float, said: str) -> None:
    assert percent(value) == said


def test_a_number_in_a_table_is_told_in_full() -> None:
    assert (count(55_555), count(1.5)) == ("55,555", "1.5")
