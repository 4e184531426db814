"""Rankings: names with bars as long as their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.services.reports.report import Row
from app.web.charts.small import meter
from app.web.reporting.parts import Item
from app.web.reporting.tables import written


def ranking(
    rows: Sequence[Row],
    name: Callable[[Row], str],
    value: str,
    find: str,
    said: Callable[[Row], str] = lambda _: "",
) -> list[Item]:
    """Return an item for each row that has a value in a column, in their order.

    `find` is the gallery's filter by which the pictures of a name are found.
    """
    there = [row for row in rows if row[value] is not None]
    top = max((row[value] for row in there), default=0)
    return [
        Item(
            name(row),
            written(value, row[value]),
            meter(row[value], top),
            said(row),
            {find: name(row)},
        )
        for row in there
    ]
