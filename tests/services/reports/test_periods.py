"""Periods of a time zone: whole, in order, and as long as clocks make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.services.reports.periods import By, begin_of, periods_between

HOUR = timedelta(hours=1)


def lengths(zone: str, since: str, until: str, by: By = By.DAY) -> dict[str, float]:
    """Return the hours of each period between two days of a zone."""
    place = ZoneInfo(zone)
    begin, end = (datetime.fromisoformat(day).replace(tzinfo=place) for day in (since, until))
    found = periods_between(begin.astimezone(UTC), end.astimezone(UTC), by, place)
    return {each.name: (each.end - each.start) / HOUR for each in found}


@pytest.mark.parametrize(
    ("zone", "since", "until", "expected"),
    [
        ("Europe/Berlin", "2026-03-28", "2026-03-31", [24, 23, 24]),
        ("Europe/Berlin", "2026-10-24", "2026-10-27", [24, 25, 24]),
        ("Australia/Lord_Howe", "2026-10-03", "2026-10-06", [24, 23.5, 24]),
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-07", [24, 24.5, 24]),
        ("America/Sao_Paulo", "2018-11-03", "2018-11-06", [24, 23, 24]),  # no midnight on the 4th
        ("Pacific/Apia", "2011-12-28", "2012-01-01", [24, 24, 24]),  # the 30th never was
        ("Asia/Kathmandu", "2026-01-01", "2026-01-03", [24, 24]),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(
    zone: str, since: str, until: str, expected: list[float]
) -> None:
    assert [each for each in lengths(zone, since, until).values() if each] == expected


def test_hours_that_come_twice_are_two_and_those_left_out_are_none() -> None:
    autumn = lengths("Europe/Berlin", "2026-10-25", "2026-10-26", By.HOUR)
    assert len(autumn) == 25
    assert list(autumn)[2:4] == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert len(lengths("Europe/Berlin", "2026-03-29", "2026-03-30", By.HOUR)) == 23
    howe = lengths("Australia/Lord_Howe", "2026-10-04", "2026-10-05", By.HOUR)
    assert sorted(howe.values()) == [0.5] + [1] * 23


def test_hours_begin_on_the_hour_of_the_zone() -> None:
    moment = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)
    begin = begin_of(moment, By.HOUR, ZoneInfo("Asia/Kathmandu"))  # five and three quarters ahead
    assert begin == datetime(2026, 11, 22, 9, 15, tzinfo=UTC)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = lengths("Europe/Berlin", "2025-12-22", "2026-01-12", By.WEEK)
    assert weeks == {"2025-W52": 168, "2026-W01": 168, "2026-W02": 168}
    months = lengths("Europe/Berlin", "2026-02-01", "2026-05-01", By.MONTH)
    assert months == {"2026-02": 28 * 24, "2026-03": 31 * 24 - 1, "2026-04": 30 * 24}


def test_the_first_and_the_last_period_are_cut_off() -> None:
    place = ZoneInfo("Europe/Berlin")
    since = datetime(2026, 11, 3, 10, tzinfo=UTC)
    first, last = periods_between(since, since + timedelta(days=7), By.WEEK, place)
    assert (first.name, last.name) == ("2026-W45", "2026-W46")
    assert (first.start, last.end) == (since, since + timedelta(days=7))
    assert first.end == last.start == datetime(2026, 11, 8, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize("by", list(By))
def test_periods_follow_each_other_without_a_gap(zone: str, by: By) -> None:
    place = ZoneInfo(zone)
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    if by is By.HOUR:
        since, until = datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 10, 8, tzinfo=UTC)
    found = list(periods_between(since, until, by, place))
    assert found[0].start == since
    assert found[-1].end == until
    for one, following in pairwise(found):
        assert one.end == following.start > one.start
        assert one.name != following.name
        assert begin_of(following.start, by, place) == following.start
        assert begin_of(following.start - timedelta(seconds=1), by, place) <= one.start
