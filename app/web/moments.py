"""Days and times in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.web.texts import TEXT, say


def date_and_time(moment: datetime) -> str:
    """Return a moment, in the zone that it is in: 22 Nov 2026, 16:05."""
    month = TEXT.base.months_short[moment.month - 1]
    return say(
        "base.date_and_time",
        day=moment.day,
        month=month,
        year=moment.year,
        time=f"{moment:%H:%M}",
    )


def day_name(day: date, today: date) -> str:
    """Return a day as a heading: Today, Yesterday, Saturday, 21 November 2026."""
    if day == today:
        return str(TEXT.base.today)
    if day == today - timedelta(days=1):
        return str(TEXT.base.yesterday)
    return say(
        "base.day",
        weekday=TEXT.base.weekdays[day.weekday()],
        day=day.day,
        month=TEXT.base.months[day.month - 1],
        year=day.year,
    )


def month_name(day: date) -> str:
    """Return the month of a day as a heading: November 2026."""
    return say("base.month", month=TEXT.base.months[day.month - 1], year=day.year)
