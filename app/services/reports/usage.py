"""What was made: generations, images, failures, cost and bytes, by the period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.models.reporting.reading import Part, read_sums
from app.models.reporting.sums import Measures
from app.services.reports.names import by_name, columns, dimensions_of
from app.services.reports.periods import Period
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, period_columns, usage_columns
from app.services.reports.tagged import TAGGED, tagged_sums


def usage(question: Question, split: str | None = None) -> Report:
    """Return a row for each period, or for each and each model, provider, project, key … of it.

    Periods in which nothing happened have rows too. Raises InvalidInput for an unknown split.
    """
    dimensions = dimensions_of(split)
    periods = question.periods()
    sums = sums_of(question, dimensions, periods)
    rows = rows_of(dimensions, periods, sums)
    notes = [*([TAGGED] if question.tag else []), *question.cuts()]
    return Report("usage", question, rows, usage_columns(added(sums.values())), notes)


def sums_of(
    question: Question, dimensions: tuple[str, ...], periods: Sequence[Period]
) -> dict[Part, Measures]:
    """Return the sums of periods, told apart by dimensions."""
    if question.tag:
        return tagged_sums(question, dimensions, periods)
    return read_sums(question.wanted(*dimensions), [period.span for period in periods])


def rows_of(
    dimensions: tuple[str, ...], periods: Sequence[Period], sums: Mapping[Part, Measures]
) -> list[Row]:
    """Return a row of each period and of each combination that there is in any of them."""
    sums = by_name(dimensions, sums, added)
    combinations = sorted({values for _, values in sums}) or ([] if dimensions else [()])
    named = [(values, columns(dimensions, values)) for values in combinations]
    nothing = Measures()
    return [
        _row(period, name, sums.get((index, values), nothing))
        for index, period in enumerate(periods)
        for values, name in named
    ]


def _row(period: Period, name: dict[str, Any], sums: Measures) -> Row:
    return {**period_columns(period), **name, **usage_columns(sums)}
