"""Which time a person means, and how long its periods are (pure)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.services.reports.periods import By

USUAL = "30d"
PERIODS = ("7d", "30d", "90d", "month", "last-month", "year", "all")
# So many bars can be told apart on a wide screen.
MOST_DRAWN = 400
# Up to so many days one looks at hours, days, weeks; beyond that at months.
_LONGEST = ((2, By.HOUR), (92, By.DAY), (800, By.WEEK))
_HOURS = {By.HOUR: 1, By.DAY: 24, By.WEEK: 7 * 24, By.MONTH: 30 * 24}

Span = tuple[date | None, date | None]


def span_of(period: str, now: datetime, zone: ZoneInfo, beginning: datetime | None) -> Span:
    """Return the first day of a period of PERIODS, and the day after its last; None: now.

    `beginning` is that of the history, for all of it. Raises KeyError for another period.
    """
    today = now.astimezone(zone).date()
    month = today.replace(day=1)
    begun = (beginning or now).astimezone(zone).date()
    spans: dict[str, Span] = {
        "7d": (today - timedelta(days=6), None),
        "30d": (today - timedelta(days=29), None),
        "90d": (today - timedelta(days=89), None),
        "month": (month, None),
        "last-month": ((month - timedelta(days=1)).replace(day=1), month),
        "year": (today.replace(month=1, day=1), None),
        "all": (min(begun, today), None),
    }
    return spans[period]


def best_by(since: datetime, until: datetime) -> By:
    """Return the length of periods at which a time is seen best."""
    days = (until - since) / timedelta(days=1)
    # An hour more: clocks may be changed within.
    return next((by for most, by in _LONGEST if days <= most + 1 / 24), By.MONTH)


def is_drawn(since: datetime, until: datetime, by: By) -> bool:
    """Tell whether there are not too many periods to draw."""
    return (until - since) / timedelta(hours=_HOURS[by]) <= MOST_DRAWN
