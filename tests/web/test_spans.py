"""Which time a person means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.services.reports.periods import By
from app.web.reporting.spans import PERIODS, best_by, is_drawn, span_of

# A quarter past midnight in Berlin, on the first of March.
NOW = datetime(2026, 2, 28, 23, 15, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        ("7d", date(2026, 2, 23), None),
        ("30d", date(2026, 1, 31), None),
        ("90d", date(2025, 12, 2), None),
        ("month", date(2026, 3, 1), None),
        ("last-month", date(2026, 2, 1), date(2026, 3, 1)),
        ("year", date(2026, 1, 1), None),
        ("all", date(2024, 5, 6), None),
    ],
)
def test_periods_are_whole_days_of_the_zone(period: str, first: date, end: date | None) -> None:
    begun = datetime(2024, 5, 6, 12, tzinfo=UTC)
    assert span_of(period, NOW, BERLIN, begun) == (first, end)
    assert period in PERIODS


def test_all_of_nothing_is_today() -> None:
    assert span_of("all", NOW, BERLIN, None) == (date(2026, 3, 1), None)


@pytest.mark.parametrize(
    ("days", "by"),
    [(1, By.HOUR), (2, By.HOUR), (3, By.DAY), (90, By.DAY), (120, By.WEEK), (900, By.MONTH)],
)
def test_a_time_is_told_in_parts_that_can_be_seen(days: int, by: By) -> None:
    assert best_by(NOW, NOW + timedelta(days=days)) is by
    assert is_drawn(NOW, NOW + timedelta(days=days), by)


def test_a_day_of_25_hours_is_told_by_the_hour_with_its_neighbour() -> None:
    assert best_by(NOW, NOW + timedelta(days=2, hours=1)) is By.HOUR


def test_too_many_parts_are_not_drawn() -> None:
    assert not is_drawn(NOW, NOW + timedelta(days=17), By.HOUR)
    assert is_drawn(NOW, NOW + timedelta(days=16), By.HOUR)
