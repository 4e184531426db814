"""What a report is asked: about which time, in which periods, and about which part of the history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.errors import InvalidInput
from app.extensions import current_settings, db
from app.models import ApiKey, Generation, PromptTemplate
from app.models.reporting.reading import Wanted
from app.models.reporting.series import ReportSeries, smallest_cube
from app.models.types import utc_now
from app.services.provider_choice import provider_choice
from app.services.reports.periods import (
    QUARTER,
    By,
    Period,
    begin_of,
    moment_at,
    periods_between,
    quarter_at,
)
from config import time_zone

# A month of hours is 744, ten years of days are 3,653.
MOST_PERIODS = 5_000
# So many of them, the present one included, when nothing is said about since when.
USUAL = {By.HOUR: 48, By.DAY: 30, By.WEEK: 13, By.MONTH: 12}
_LENGTHS = {
    By.HOUR: timedelta(hours=1),
    By.DAY: timedelta(days=1),
    By.WEEK: timedelta(days=7),
    By.MONTH: timedelta(days=30),
}
_LISTS = {"template": "templates list", "model": "models", "provider": "models"}
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is answered; `ask` makes one.

    `since` (inclusive) and `until` (exclusive) are in UTC and on quarter hours. What is None does not
    narrow; `key` is a key's name, whose ids are `key_ids`.
    """

    since: datetime
    until: datetime
    by: By
    zone: ZoneInfo
    model: str | None = None
    provider: str | None = None
    key: str | None = None
    project: str | None = None
    template: str | None = None
    tag: str | None = None
    key_ids: tuple[int, ...] = field(default=())

    def periods(self) -> list[Period]:
        """Return its periods, in order; there is always one."""
        return list(periods_between(self.since, self.until, self.by, self.zone))

    def cuts(self) -> list[str]:
        """Return what a reader must know of a first or last period that is not whole.

        Not of the present one, which goes on.
        """
        first, last = (
            next(periods_between(each, _LATEST, self.by, self.zone))
            for each in (self.since, self.until - QUARTER)
        )
        cuts = []
        if begin_of(self.since, self.by, self.zone) < self.since != _EARLIEST:
            cuts.append(f"{first.name} is cut: it begins at {self._local(self.since)}.")
        if self.until < last.end and self.until <= utc_now():
            cuts.append(f"{last.name} is cut: it ends at {self._local(self.until)}.")
        return cuts

    def name(self) -> str:
        """Return its time by its first and its last day in its zone."""
        first, last = (
            f"{each.astimezone(self.zone):%Y-%m-%d}" for each in (self.since, self.until - QUARTER)
        )
        return f"{first} to {last}"

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    @property
    def whole(self) -> Period:
        """All of its time as one period."""
        return Period("all", self.since, self.until)

    def wanted(self, *split: str, errors: bool = False) -> Wanted:
        """Return which sums answer it, told apart by dimensions."""
        only = {
            name: [value]
            for name in ("model", "provider", "project", "template")
            if (value := getattr(self, name)) is not None
        }
        if self.key is not None:
            only["api_key_id"] = list(self.key_ids)
        return Wanted(only, split, errors)

    def filters(self) -> dict[str, str]:
        """Return what narrows it, by name."""
        names = "model", "provider", "key", "project", "template", "tag"
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def ask(
    since: date | None = None,
    until: date | None = None,
    by: By = By.DAY,
    tz: str | None = None,
    **filters: str | None,
) -> Question:
    """Return a question. A date is its beginning in the zone; a moment is aware, widened to quarters.

    Without `until` it goes to now, without `since` so many periods back (USUAL), from the beginning of
    one; `tz` is a name of IANA's, else that of the settings. Raises InvalidInput.
    """
    zone = zone_named(tz)
    end = _up(moment_in(until, zone) or utc_now())
    start = moment_in(since, zone)
    begin = _usual_begin(end, by, zone) if start is None else moment_at(quarter_at(start))
    if begin >= end:
        raise InvalidInput("since must be earlier than until.", field="since")
    for name in ("model", "provider", "project", "template"):
        require_known(name, filters.get(name))
    question = Question(begin, end, by, zone, **filters, key_ids=_ids(filters.get("key")))
    if (end - begin) / _LENGTHS[by] > MOST_PERIODS:
        raise InvalidInput(
            f"Between since and until lie more than {MOST_PERIODS:,} periods of one {by}; ask about "
            "less time, or by a longer period.",
            field="by",
        )
    return question


def require_known(name: str, value: str | None, field: str | None = None) -> None:
    """Raise InvalidInput where nothing ever had this model, provider, project or template.

    A template that is there, and a model or provider of the catalog, need not have been used.
    `field` is what the value was given as, else `name`.
    """
    if value is None or _was_used(name, value) or _can_be_used(name, value):
        return
    hint = f"; `manage.py {_LISTS[name]}` names those there are" if name in _LISTS else ""
    raise InvalidInput(
        f"Nothing was ever made with the {name} {value[:100]!r}{hint}.", field=field or name
    )


def _was_used(name: str, value: str) -> bool:
    of_series = ReportSeries.cube == smallest_cube({name}), getattr(ReportSeries, name) == value
    # What waits or runs is in no sums yet.
    queries = (
        select(ReportSeries.id).where(*of_series),
        select(Generation.id).where(getattr(Generation, name) == value),
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in queries)


def _can_be_used(name: str, value: str) -> bool:
    if name == "template":
        found = select(PromptTemplate.name).where(PromptTemplate.name == value).limit(1)
        return db.session.scalar(found) is not None
    models = provider_choice().catalog.models if name in {"model", "provider"} else ()
    return any(value == getattr(each, "name" if name == "model" else name) for each in models)


def zone_named(name: str | None) -> ZoneInfo:
    """Return a time zone by its IANA name, without one that of the settings. Raises InvalidInput."""
    if name is None:
        return current_settings().zone
    try:
        return time_zone(name)
    except ValueError as error:
        raise InvalidInput(str(error), field="tz") from error


def moment_in(given: date | None, zone: ZoneInfo) -> datetime | None:
    """Return a moment, or the beginning of a date in a zone, in UTC.

    What lies before or after all pictures need not be told apart.
    """
    if given is None:
        return None
    moment = given if isinstance(given, datetime) else datetime.combine(given, time(), zone)
    return min(max(moment, _EARLIEST), _LATEST).astimezone(UTC)


def _up(moment: datetime) -> datetime:
    return moment_at(-(-(moment - _EARLIEST) // QUARTER))


def _usual_begin(end: datetime, by: By, zone: ZoneInfo) -> datetime:
    start = begin_of(end - QUARTER, by, zone)
    for _ in range(USUAL[by] - 1):
        start = begin_of(start - QUARTER, by, zone)
    return max(start, _EARLIEST)


def _ids(key: str | None) -> tuple[int, ...]:
    """Return the ids of all keys that have, or had, a name. Raises InvalidInput where none has."""
    if key is None:
        return ()
    found = tuple(db.session.scalars(select(ApiKey.id).where(ApiKey.name == key)))
    if not found:
        raise InvalidInput(
            f"There is no key {key[:100]!r}; `manage.py keys list` names them.", field="key"
        )
    return found
