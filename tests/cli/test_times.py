"""Times as people tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.cli.times import EARLIEST, LATEST, moment_of

BERLIN = ZoneInfo("Europe/Berlin")
# Half past one in the night from Monday to Tuesday, in Berlin.
NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2026-11-24T00:30"),
        ("12h", "2026-11-23T12:30"),
        ("7d", "2026-11-17T00:30"),
        (" 3W ", "2026-11-03T00:30"),
        ("today", "2026-11-23T23:00"),
        ("Yesterday", "2026-11-22T23:00"),
        ("2026-11-01", "2026-10-31T23:00"),
        ("2026-07-01", "2026-06-30T22:00"),
        ("2026-11", "2026-10-31T23:00"),
        ("2026-11-01T12:00", "2026-11-01T11:00"),
        ("2026-11-01 12:00:30", "2026-11-01T11:00:30"),
        ("2026-11-01T12:00Z", "2026-11-01T12:00"),
        ("2026-11-01T12:00+05:30", "2026-11-01T06:30"),
    ],
)
def test_a_time_is_meant_in_the_zone_of_the_settings(text: str, meant: str) -> None:
    assert moment_of(text, BERLIN, NOW) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


def test_yesterday_of_a_day_with_25_hours_is_its_midnight() -> None:
    now = datetime(2026, 10, 26, 12, tzinfo=UTC)
    assert moment_of("yesterday", BERLIN, now) == datetime(2026, 10, 24, 22, tzinfo=UTC)


def test_what_lies_far_away_is_cut_to_what_can_be_kept() -> None:
    assert moment_of("999999w", BERLIN, NOW) == EARLIEST
    assert moment_of("0001-01-01T00:00+14:00", BERLIN, NOW) == EARLIEST
    assert moment_of("9999-12-31T23:59-12:00", BERLIN, NOW) == LATEST


@pytest.mark.parametrize(
    "text", ["", "soon", "7", "d", "-7d", "7y", "2026-13", "2026-02-30", "7d ago"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the option tells what to write
        moment_of(text, BERLIN, NOW)
