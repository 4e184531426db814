"""What periods are called on an axis and in a tip."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.services.reports.periods import QUARTER, By, Period, begin_of
from app.services.reports.question import Question
from app.web.charts.plot import Label
from app.web.texts import TEXT, say


# A page has several charts of the same time.
@lru_cache(maxsize=8)
def labels_of(question: Question) -> tuple[Label, ...]:
    """Return what each period of a question is called."""
    return tuple(_label(each, question.by, question.zone) for each in question.periods())


def day_of(moment: datetime) -> str:
    """Return a day with its year: 22 Nov 2026."""
    return f"{moment.day} {_month(moment)} {moment.year}"


def time_of(question: Question) -> str:
    """Return from when until when a question goes, as one says it."""
    # What ends at midnight has the day before as its last.
    ends = question.since, question.until - QUARTER
    first, last = (each.astimezone(question.zone) for each in ends)
    if first.date() == last.date():
        return day_of(first)
    if first.year == last.year:
        return say("reports.span", first=f"{first.day} {_month(first)}", last=day_of(last))
    return say("reports.span", first=day_of(first), last=day_of(last))


def _label(period: Period, by: By, zone: ZoneInfo) -> Label:
    # The first period may be cut off, and is called by its beginning all the same.
    local = begin_of(period.start, by, zone).astimezone(zone)
    day = f"{local.day} {_month(local)}"
    match by:
        case By.HOUR:
            hour = f"{local:%H:%M}"
            return Label(day if hour == "00:00" else hour, f"{day_of(local)}, {hour}")
        case By.WEEK:
            number = local.isocalendar().week
            return Label(day, say("reports.week", number=number, day=day_of(local)))
        case By.MONTH:
            return Label(f"{_month(local)} {local.year}", f"{_month(local)} {local.year}")
    return Label(day, f"{TEXT.base.weekdays[local.weekday()]} {day_of(local)}")


def _month(moment: datetime) -> str:
    return str(TEXT.base.months_short[moment.month - 1])
