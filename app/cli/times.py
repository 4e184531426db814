"""Times as people tell them: 7d, 2026-11-01, yesterday; and moments as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

import click

_AGE = re.compile(r"(\d{1,6})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_MONTH = re.compile(r"\d{4}-\d{2}")
# What lies before or after all that is kept need not be told apart, and may have no place in UTC.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)
HINT = "write 12h, 7d, 3w, 2026-11, 2026-11-01, 2026-11-01T12:00, today, yesterday or now"


def moment_of(text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the moment in UTC that a person in `zone` means at the moment `now`.

    An age (`12h`, `7d`, `3w`) is so long before `now`; a month or a day is its beginning. Raises
    ValueError for what is no time.
    """
    word = text.strip().lower()
    if age := _AGE.fullmatch(word):
        return max(EARLIEST, now - min(_span(age), now - EARLIEST))
    if word == "now":
        return now
    if word in _DAYS:
        local = now.astimezone(zone) + timedelta(days=_DAYS[word])
        moment = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    else:
        moment = datetime.fromisoformat(f"{word}-01" if _MONTH.fullmatch(word) else text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return min(max(moment, EARLIEST), LATEST).astimezone(UTC)


class Time(click.ParamType[str]):
    """A time as above. It stays a text until the settings are known, whose zone is meant."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text, if it tells a time."""
        try:
            moment_of(str(value), UTC, datetime.now(UTC))
        except ValueError:
            self.fail(f"{value!r} is no time: {HINT}.", param, ctx)
        return str(value)


class Zone(click.ParamType[str]):
    """The IANA name of a time zone."""

    name = "zone"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name, if it is one."""
        from config import time_zone  # with all that checks settings

        try:
            time_zone(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return str(value)


def moment(text: str, tz: str | None = None) -> datetime:
    """Return the moment that a checked text means now, in a checked zone or in that of the settings."""
    from app.extensions import current_settings
    from config import time_zone

    return moment_of(text, time_zone(tz) if tz else current_settings().zone, datetime.now(UTC))


def read(timestamp: str | datetime | None) -> str:
    """Return a moment to the minute in the zone of the settings; that of none is empty."""
    from app.extensions import current_settings

    if timestamp is None:
        return ""
    found = datetime.fromisoformat(timestamp) if isinstance(timestamp, str) else timestamp
    return f"{found.astimezone(current_settings().zone):%Y-%m-%d %H:%M}"


def heading(name: str) -> str:
    """Return the heading of a column of such moments."""
    from app.extensions import current_settings

    return f"{name} ({current_settings().timezone})"


def _span(age: re.Match[str]) -> timedelta:
    return timedelta(hours=int(age[1]) * _HOURS[age[2]])
