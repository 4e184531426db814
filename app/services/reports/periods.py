"""Hours, days, weeks and months of a time zone, as spans of quarter hours (pure).

A day in which clocks are changed has 23 or 25 hours, or one that is half an hour longer (Lord Howe
Island); since every zone's offset is a multiple of a quarter hour, so is every period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.models.reporting.reading import Span

QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class By(StrEnum):
    """How long a period is. A week begins on Monday (ISO 8601)."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the time that is asked about: what it is called, and from when until when (in UTC).

    The first and the last one may be cut off; they keep their names.
    """

    name: str
    start: datetime
    end: datetime

    @property
    def span(self) -> Span:
        """Its quarter hours."""
        return quarter_at(self.start), quarter_at(self.end)


def periods_between(since: datetime, until: datetime, by: By, zone: ZoneInfo) -> Iterator[Period]:
    """Yield the periods of a zone from `since` until `until` (both on quarter hours), in order."""
    start = begin_of(since, by, zone)
    while start < until:
        end = _next(start, by, zone)
        yield Period(_name(start, by, zone), max(start, since), min(end, until))
        start = end


def begin_of(moment: datetime, by: By, zone: ZoneInfo) -> datetime:
    """Return when the period of a zone began that a moment falls into, in UTC."""
    local = moment.astimezone(zone)
    if by is By.HOUR:
        start = moment_at(quarter_at(moment))
        while not _begins_hour(start, zone):
            start -= QUARTER
        return start
    return _midnight(_first_day(local.date(), by), zone)


def quarter_at(moment: datetime) -> int:
    """Return the number of the quarter hour, from 1970, that a moment falls into."""
    return (moment - _EPOCH) // QUARTER


def moment_at(quarter: int) -> datetime:
    """Return when a quarter hour begins, in UTC."""
    return _EPOCH + quarter * QUARTER


def _next(start: datetime, by: By, zone: ZoneInfo) -> datetime:
    """Return when the period after one that starts then begins."""
    if by is By.HOUR:
        end = start + QUARTER
        while not _begins_hour(end, zone):
            end += QUARTER
        return end
    day = start.astimezone(zone).date()
    match by:
        case By.DAY:
            return _midnight(day + timedelta(days=1), zone)
        case By.WEEK:
            return _midnight(day + timedelta(days=7), zone)
    return _midnight(_first_day(day.replace(day=1) + timedelta(days=31), by), zone)


def _begins_hour(moment: datetime, zone: ZoneInfo) -> bool:
    """Tell whether an hour of the local clock begins, or clocks are changed, which ends the one before.

    An hour that comes twice is two; where clocks are set by half an hour, one lasts as long.
    """
    local = moment.astimezone(zone)
    return not local.minute or local.utcoffset() != (moment - QUARTER).astimezone(zone).utcoffset()


def _first_day(day: date, by: By) -> date:
    match by:
        case By.WEEK:
            return day - timedelta(days=day.weekday())
        case By.MONTH:
            return day.replace(day=1)
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day of a zone begins: where midnight does not exist, when clocks jump over it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _name(start: datetime, by: By, zone: ZoneInfo) -> str:
    local = start.astimezone(zone)
    match by:
        case By.HOUR:
            return local.isoformat(timespec="minutes")
        case By.WEEK:
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02}"
        case By.MONTH:
            return f"{local:%Y-%m}"
    return local.date().isoformat()
