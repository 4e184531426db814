"""A report as every face shows it: the question as it was answered, rows, totals and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models.reporting.sums import Measures
from app.models.types import MICRO
from app.services.csv_text import csv_lines
from app.services.records import dollars, timestamp
from app.services.reports.periods import Period
from app.services.reports.question import Question

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """`rows` have the same names each; `totals` have the sums. `notes` are what a reader must know.

    `more` are parts beside the rows, by name.
    """

    name: str
    question: Question
    rows: list[Row]
    totals: Row
    notes: Sequence[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        question = self.question
        return {
            "report": self.name,
            "since": timestamp(question.since),
            "until": timestamp(question.until),
            "by": question.by,
            "tz": question.zone.key,
            "filters": question.filters(),
            "rows": self.rows,
            "totals": self.totals,
            "notes": list(self.notes),
            **self.more,
        }

    def csv(self) -> Iterator[str]:
        """Yield its rows as CSV, line by line; the totals can be added up from them."""
        names = list(self.rows[0]) if self.rows else list(self.totals)
        yield from csv_lines(names, ([_in_cell(row[name]) for name in names] for row in self.rows))


def _in_cell(value: Any) -> Any:
    """Return a value as a cell can say it: of examples their ids, which lead to the rest."""
    if isinstance(value, list) and all(isinstance(each, dict) and "id" in each for each in value):
        return [each["id"] for each in value]
    return value


def usage_columns(sums: Measures) -> Row:
    """Return what happened, by the names of the API. Money is in US dollars."""
    return {
        "generations": sums.succeeded + sums.failed + sums.cancelled,
        "succeeded": sums.succeeded,
        "failures": sums.failed,
        "cancelled": sums.cancelled,
        "images": sums.images,
        "favourites": sums.favourites,
        "bytes": sums.image_bytes,
        "cost_usd": dollars(sums.cost_microusd),
        "unpriced": sums.unpriced,
    }


def period_columns(period: Period) -> Row:
    """Return which period a row is about, and when it begins."""
    return {"period": period.name, "start": timestamp(period.start)}


def share(part: float, whole: float) -> float | None:
    """Return a part of a whole to four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


def each_usd(microusd: int, number: int) -> float | None:
    """Return what one of so many cost in US dollars, to the micro-dollar; None of nothing."""
    return round(microusd / number) / MICRO if number else None


def added(sums: Iterable[Measures]) -> Measures:
    """Return the sum of measures."""
    return Measures(*map(sum, zip(Measures(), *sums, strict=True)))
