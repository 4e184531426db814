"""Cards with charts over time, from the rows of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.services.reports.question import Question
from app.services.reports.report import Report, Row
from app.web.charts.bars import bars
from app.web.charts.frame import HALF, NARROW, WIDE, Size
from app.web.charts.lines import lines
from app.web.charts.numbers import Form, count, short
from app.web.charts.patterns import MARKS, swatch
from app.web.charts.plot import Plot, Series, largest
from app.web.reporting.labels import labels_of, time_of
from app.web.reporting.parts import Card, Cell, Sign, Table
from app.web.reporting.tables import MOST_ROWS, NOTHING
from app.web.texts import say

WHOLE_WIDTH = (WIDE, HALF, NARROW)
HALF_WIDTH = (HALF, NARROW)
# The columns that tell parts apart.
_SPLIT = ("provider", "model", "project", "key", "size", "template")


def column(rows: Sequence[Row], name: str) -> list[Any]:
    """Return the values of one column."""
    return [row[name] for row in rows]


def series_by(report: Report, name: str) -> list[Series]:
    """Return one column of a split report as a series for each part, the largest ones first.

    Beyond MARKS of them the others are one.
    """
    parts = {part: column(rows, name) for part, rows in _parts(report).items()}
    return largest(_named(parts), MARKS, say("reports.other"))


def busiest(report: Report, name: str, by: str) -> list[Series]:
    """Return the same of what cannot be added up: of the MARKS parts in which most happened alone."""
    parts = _parts(report)
    most = sorted(parts, key=lambda part: -sum(row[by] for row in parts[part]))[:MARKS]
    series = _named({part: column(parts[part], name) for part in most})
    return [Series(each.name, each.values, mark) for mark, each in enumerate(series)]


def bar_card(
    title: str,
    question: Question,
    series: Sequence[Series],
    *,
    form: Form = count,
    axis: Form = short,
    whole: bool = True,
    sizes: Sequence[Size] = WHOLE_WIDTH,
    table: Table | None = None,
    kind: str = "",
    said: str = "",
) -> Card:
    """Return a card with bars over time, of several kinds one upon another."""
    labels = labels_of(question)
    bare = Plot("", labels, series, form, axis, whole)
    totals = bare.totals()
    if not any(totals):
        return Card(title, empty=say("reports.nothing_drawn"), table=table, kind=kind, said=said)
    peak = max(range(len(totals)), key=totals.__getitem__)
    gist = say(
        "reports.gist_bars",
        title=title,
        span=time_of(question),
        total=form(sum(totals)),
        most=form(totals[peak]),
        when=labels[peak].full,
    )
    plot = Plot(gist, labels, series, form, axis, whole)
    return Card(
        title,
        [bars(plot, size) for size in sizes],
        legend_of(series) if len(series) > 1 else (),
        table=table or pivot(plot, total=True),
        kind=_kind(kind, sizes),
        said=said,
    )


def line_card(
    title: str,
    question: Question,
    series: Sequence[Series],
    *,
    form: Form = count,
    axis: Form = short,
    sizes: Sequence[Size] = HALF_WIDTH,
    table: Table | None = None,
    said: str = "",
) -> Card:
    """Return a card with lines over time."""
    labels = labels_of(question)
    known = [value for each in series for value in each.values if value is not None]
    if not known:
        return Card(title, empty=say("reports.nothing_drawn"), table=table, said=said)
    gist = say(
        "reports.gist_lines",
        title=title,
        span=time_of(question),
        least=form(min(known)),
        most=form(max(known)),
    )
    plot = Plot(gist, labels, series, form, axis)
    return Card(
        title,
        [lines(plot, size) for size in sizes],
        legend_of(series, line=True) if len(series) > 1 else (),
        table=table or pivot(plot, total=False),
        kind=_kind("", sizes),
        said=said,
    )


def legend_of(series: Sequence[Series], *, line: bool = False) -> list[Sign]:
    """Return the names of series with their signs."""
    return [Sign(swatch(each.mark, line=line), each.name) for each in series]


def pivot(plot: Plot, *, total: bool) -> Table:
    """Return what a chart shows as a table: a row for each label, a column for each series."""
    many = total and len(plot.series) > 1
    names = [each.name for each in plot.series]
    head = [Cell(say("reports.column_period")), *(Cell(name, number=True) for name in names)]
    if many:
        head.append(Cell(say("reports.total"), number=True))
    totals = plot.totals()
    rows = []
    for index, label in enumerate(plot.labels[:MOST_ROWS]):
        cells = [_written(each.values[index], plot.form) for each in plot.series]
        if many:
            cells.append(plot.form(totals[index]))
        rows.append([Cell(label.full), *(Cell(cell, number=True) for cell in cells)])
    return Table(head, rows, left_out=max(0, len(plot.labels) - MOST_ROWS))


def _written(value: float | None, form: Callable[[float], str]) -> str:
    return NOTHING if value is None else form(value)


def _kind(kind: str, sizes: Sequence[Size]) -> str:
    return f"{kind} wide".strip() if WIDE in sizes else kind


def _parts(report: Report) -> dict[tuple[Any, ...], list[Row]]:
    """Return the rows of each part of a split report, in the order of their periods."""
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in report.rows:
        parts.setdefault(tuple(row[name] for name in _SPLIT if name in row), []).append(row)
    return parts


def _named(parts: dict[tuple[Any, ...], list[float | None]]) -> list[Series]:
    # A model may be at two providers.
    names = [part[-1] for part in parts]
    return [
        Series(_name(part, names.count(part[-1]) > 1), values) for part, values in parts.items()
    ]


def _name(part: tuple[Any, ...], twice: bool) -> str:
    words = part if twice else part[-1:]
    return " ".join(str(word) for word in words if word) or say("reports.none")
