"""Rows of a report as a table to read: each number with its unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.services.reports.report import Row
from app.web.charts.numbers import count, full_money, percent, seconds, size
from app.web.reporting.parts import Cell, Table
from app.web.texts import say

# More of them nobody reads on a page.
MOST_ROWS = 400
NOTHING = "–"


def _duration(milliseconds: float) -> str:
    return seconds(milliseconds / 1000)


# How a column's numbers are written, by the end of its name.
_FORMS: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("_usd", full_money),
    ("_ms", _duration),
    ("bytes", size),
    ("_rate", percent),
    ("share", percent),
)


def written(name: str, value: Any) -> str:
    """Return the value of a column as a person reads it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return value
    form = next((form for end, form in _FORMS if name.endswith(end)), count)
    return form(value)


def table_of(rows: Sequence[Row], names: Sequence[str], totals: Row | None = None) -> Table:
    """Return some columns of a report's rows, with its totals below where there are any."""
    head = [
        Cell(heading(name), any(_is_number(row[name]) for row in rows[:MOST_ROWS]))
        for name in names
    ]
    foot: list[Cell] = []
    if totals:
        cells = (written(name, totals[name]) if name in totals else "" for name in names)
        foot = [Cell(text, each.number) for text, each in zip(cells, head, strict=True)]
        foot[0] = Cell(foot[0].text or say("reports.total"), foot[0].number)
    shown = [
        [
            Cell(written(name, row[name]), cell.number)
            for name, cell in zip(names, head, strict=True)
        ]
        for row in rows[:MOST_ROWS]
    ]
    return Table(head, shown, foot, max(0, len(rows) - MOST_ROWS))


def heading(name: str) -> str:
    """Return what a column is called."""
    return say(f"reports.column_{name}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
