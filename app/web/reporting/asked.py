"""What the URL of a page asks: the question for the reports, and what the form shows again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.errors import InvalidInput
from app.models.types import is_label, utc_now
from app.services.records import timestamp
from app.services.reports.choices import beginning
from app.services.reports.compare import other_side
from app.services.reports.names import SPLITS
from app.services.reports.periods import By
from app.services.reports.question import Question, ask, zone_named
from app.web.reporting.spans import PERIODS, USUAL, best_by, is_drawn, span_of
from app.web.texts import say

FILTERS = ("model", "provider", "project", "key", "template", "tag")
TIMES = ("period", "from", "to", "by", "tz")
OTHER = ("other_from", "other_to", "other_template")
NAMES = (*TIMES, *FILTERS, "split", *OTHER)
# What a report cannot be narrowed by; the page says so instead of refusing.
REFUSED = {
    "storage": FILTERS,
    "failures": ("tag",),
    "latency": ("tag",),
    "compare": ("tag",),
}
_YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class Asked:
    """`given` are the parameters that say something; `question` is what they come to.

    `ignored` are the filters that this report does not know.
    """

    name: str
    given: Mapping[str, str]
    question: Question
    ignored: tuple[str, ...] = ()

    @property
    def period(self) -> str | None:
        """The period that was chosen by its name; None: days of one's own."""
        return chosen_period(self.given)

    @property
    def split(self) -> str:
        """By what charts are told apart."""
        return self.given.get("split", "model")

    def csv(self, **more: str) -> dict[str, str]:
        """Return the parameters with which the API gives the same rows as CSV."""
        question = self.question
        return {
            "since": timestamp(question.since) or "",
            "until": timestamp(question.until) or "",
            "by": question.by.value,
            "tz": question.zone.key,
            **question.filters(),
            **more,
            "format": "csv",
        }

    def other(self) -> Question:
        """Return what is compared with. Raises InvalidInput."""
        first, end = _days(self.given, "other_from", "other_to")
        return other_side(self.question, first, end, self.given.get("other_template"))


def given_in(arguments: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a page that are there and say something."""
    return {name: value for name in NAMES if (value := arguments.get(name, "").strip())}


def chosen_period(given: Mapping[str, str]) -> str | None:
    """Return the period that is chosen by its name; days of one's own come first."""
    return None if {"from", "to"} & given.keys() else given.get("period", USUAL)


def asked(name: str, given: Mapping[str, str]) -> Asked:
    """Return what a page of a report is asked. Raises InvalidInput."""
    ignored = tuple(each for each in REFUSED.get(name, ()) if each in given)
    for each in {*FILTERS, "other_template"} & given.keys():
        if not is_label(given[each]):
            raise InvalidInput(say("reports.no_label"), field=each)
    if given.get("split", "model") not in SPLITS:
        raise InvalidInput(say("reports.no_split"), field="split")
    filters = {each: given.get(each) for each in FILTERS if each not in ignored}
    since, until = _span(given)
    found = ask(since, until, By.MONTH, given.get("tz"), **filters)
    return Asked(name, given, replace(found, by=_by(given, found)), ignored)


def _span(given: Mapping[str, str]) -> tuple[date | None, date | None]:
    period = chosen_period(given)
    if period is None:
        first, end = _days(given, "from", "to")
        return first or (end and end - timedelta(days=30)), end
    if period not in PERIODS:
        raise InvalidInput(say("reports.no_period"), field="period")
    zone = zone_named(given.get("tz"))
    return span_of(period, utc_now(), zone, beginning())


def _days(given: Mapping[str, str], first: str, last: str) -> tuple[date | None, date | None]:
    """Return the first day, and the one after the last."""
    begin, end = _day(given, first), _day(given, last)
    if begin and end and begin > end:
        raise InvalidInput(say("reports.days_order"), field=first)
    return begin, end and end + timedelta(days=1)


def _day(given: Mapping[str, str], name: str) -> date | None:
    if name not in given:
        return None
    try:
        day = date.fromisoformat(given[name])
    except ValueError as error:
        raise InvalidInput(say("reports.no_day"), field=name) from error
    if day.year not in _YEARS:
        raise InvalidInput(say("reports.no_day"), field=name)
    return day


def _by(given: Mapping[str, str], found: Question) -> By:
    if "by" not in given:
        return best_by(found.since, found.until)
    if given["by"] not in list(By):
        raise InvalidInput(say("reports.no_by"), field="by")
    by = By(given["by"])
    if not is_drawn(found.since, found.until, by):
        raise InvalidInput(say("reports.too_many"), field="by")
    return by
