"""Sums and durations of spans of time, told apart by dimensions, from the rows that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, func, select

from app.extensions import db
from app.models.batches import batches
from app.models.reporting.cover import contributions
from app.models.reporting.latency_buckets import unpacked
from app.models.reporting.series import Cube, ReportSeries, smallest_cube
from app.models.reporting.sums import (
    BLOCK,
    BLOCK_DAYS,
    KEPT,
    LATENCIES,
    QUARTERS_A_DAY,
    SUMS,
    Kept,
    Measures,
    Wait,
)

_SERIES = cast(Table, ReportSeries.__table__)
_KEPT_ROWS = select(KEPT.c.slot, KEPT.c.day, *(KEPT.c[name] for name in Kept._fields))
# Quarter hours from 1970: the first, and the one after the last.
Span = tuple[int, int]
# What a sum is of: the index of its span, and its values of the dimensions that it is split by.
Part = tuple[int, tuple[Any, ...]]
# How many durations there are in each bucket.
Counts = dict[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sums: `only` holds the values that a dimension may have, `split` those that tell apart."""

    only: Mapping[str, Collection[Any]] = field(default_factory=dict)
    split: tuple[str, ...] = ()
    errors: bool = False

    @property
    def cube(self) -> Cube:
        """The cube that answers this from the fewest rows; `errors`: that of failures alone."""
        return smallest_cube({*self.only, *self.split, *(("error_code",) if self.errors else ())})


def read_sums(wanted: Wanted, spans: Sequence[Span]) -> dict[Part, Measures]:
    """Return the sums by part; there is none of a part in which nothing happened."""
    sums: dict[Part, list[int]] = defaultdict(lambda: [0] * len(Measures._fields))
    measured = select(
        SUMS.c.series, SUMS.c.slot, SUMS.c.day, *(SUMS.c[n] for n in Measures._fields)
    )
    for part, times, row in _rows(wanted, spans, SUMS, measured):
        total = sums[part]
        for index, value in enumerate(row[3:]):
            if value:
                total[index] += times * value
    return {part: Measures(*total) for part, total in sums.items() if any(total)}


def read_latencies(wanted: Wanted, wait: Wait, spans: Sequence[Span]) -> dict[Part, Counts]:
    """Return `{bucket: how many}` of the durations of a kind by part."""
    # Not as counters: those take five times as long to add to.
    counts: dict[Part, Counts] = defaultdict(lambda: defaultdict(int))
    packed = select(LATENCIES.c.series, LATENCIES.c.slot, LATENCIES.c.day, LATENCIES.c[wait])
    there = packed.where(LATENCIES.c[wait].is_not(None))
    for part, times, row in _rows(wanted, spans, LATENCIES, there):
        found = counts[part]
        for bucket, count in unpacked(row[3]):
            found[bucket] += times * count
    return counts


def _rows(
    wanted: Wanted, spans: Sequence[Span], table: Table, query: Any
) -> Iterator[tuple[Part, int, Any]]:
    """Yield the rows of a table for each part that they count in, and with which factor."""
    places = contributions(spans)
    if not places:
        return
    series = _series(wanted)
    slots = sorted({slot for slot, _ in places})
    days = [day for _, day in places]
    within = query.where(table.c.slot.in_(slots), table.c.day.between(min(days), max(days)))
    for some in batches(series):
        rows = db.session.connection().execute(within.where(table.c.series.in_(some))).all()
        for row in rows:
            values = series[row[0]]
            for span, times in places.get((row[1], row[2]), ()):
                yield (span, values), times, row


def _series(wanted: Wanted) -> dict[int, tuple[Any, ...]]:
    """Return the series that are wanted, each with its values of what they are split by."""
    query = select(_SERIES.c.id, *(_SERIES.c[name] for name in wanted.split))
    query = query.where(_SERIES.c.cube == wanted.cube)
    for name, values in wanted.only.items():
        query = query.where(_SERIES.c[name].in_(list(values)))
    rows = db.session.connection().execute(query)
    return {row[0]: tuple(row[1:]) for row in rows}


def read_kept(spans: Sequence[Span]) -> list[Kept]:
    """Return the room that the images of each span take."""
    places = contributions(spans)
    slots, days = {slot for slot, _ in places}, [day for _, day in places]
    sums = [[0] * len(Kept._fields) for _ in spans]
    within = KEPT.c.slot.in_(slots), KEPT.c.day.between(min(days), max(days))
    for slot, day, *kept in db.session.connection().execute(_KEPT_ROWS.where(*within)):
        for span, times in places.get((slot, day), ()):
            for index, value in enumerate(kept):
                sums[span][index] += times * value
    return [Kept(*each) for each in sums]


def kept_before(quarter: int) -> Kept:
    """Return the room that all images take that were created before a quarter hour."""
    day, within = divmod(quarter, QUARTERS_A_DAY)
    block = day & -BLOCK_DAYS
    summed = select(*(func.coalesce(func.sum(KEPT.c[name]), 0) for name in Kept._fields))
    row = db.session.execute(summed.where(KEPT.c.slot == BLOCK, KEPT.c.day < block)).one()
    [rest] = read_kept([(block * QUARTERS_A_DAY, quarter)]) if within or day > block else [Kept()]
    return Kept(*(int(one) + other for one, other in zip(row, rest, strict=True)))
