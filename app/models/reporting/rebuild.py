"""The sums of reports made anew from the rows that they are about, or compared with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, delete, insert, select, union_all

from app.extensions import db
from app.models.generation import Generation, Status
from app.models.reporting.book import COUNTED, drawn_images
from app.models.reporting.expansion import Expansion, LatencyKey, SumKey
from app.models.reporting.facts import Fact, generation_fact, image_fact
from app.models.reporting.purged_image import PurgedImage
from app.models.reporting.series import ReportSeries, Series
from app.models.reporting.sums import LATENCIES, QUARTERS_A_DAY, SUMS, Measures

_PURGED = cast(Table, PurgedImage.__table__)
_GENERATIONS = cast(Table, Generation.__table__)
_SERIES = cast(Table, ReportSeries.__table__)
_ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
_FETCH = {"yield_per": 5_000}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of sums that is not what the rows say: its key, what it holds, and what it should hold."""

    table: str
    key: tuple[Any, ...]
    found: tuple[int, ...]
    expected: tuple[int, ...]


def rebuild(connection: Connection) -> None:
    """Make all sums anew, within the connection's transaction; flat in memory."""
    for table in (SUMS, LATENCIES, _SERIES):
        connection.execute(delete(table))
    known: set[int] = set()
    for _, expected in _by_day(connection):
        new = [row for row in expected.series_rows() if row["id"] not in known]
        known.update(row["id"] for row in new)
        tables = (_SERIES, new), (SUMS, expected.sum_rows()), (LATENCIES, expected.latency_rows())
        for table, rows in tables:
            if rows:
                connection.execute(insert(table), rows)


def differences() -> Iterator[Difference]:
    """Yield where the sums differ from the rows, in one read transaction; flat in memory."""
    connection = db.session.connection()
    days = _by_day(connection)
    # Both go through the days in order; a day may be missing on either side.
    needed: set[Series] = set()
    for expected, kept in _pairs(days, _kept_by_day(connection)):
        needed.update(expected.series if expected else ())
        yield from _compare(expected or Expansion(), kept or Expansion())
    yield from _missing(connection, needed)


def _missing(connection: Connection, needed: set[Series]) -> Iterator[Difference]:
    """Yield the series that are not there; one too many does no harm."""
    there = set(connection.scalars(select(_SERIES.c.id)))
    for each in sorted(needed):
        if each.id not in there:
            yield Difference(_SERIES.name, (each.id,), (), ())


def _compare(expected: Expansion, kept: Expansion) -> Iterator[Difference]:
    nothing = [0] * len(Measures._fields)
    for key in sorted(expected.sums.keys() | kept.sums.keys()):
        wanted, found = expected.sums.get(key, nothing), kept.sums.get(key, nothing)
        if wanted != found:
            yield Difference(SUMS.name, key, tuple(found), tuple(wanted))
    for row in sorted(expected.latencies.keys() | kept.latencies.keys()):
        if expected.latencies[row] != kept.latencies[row]:
            counts = kept.latencies[row], expected.latencies[row]
            yield Difference(LATENCIES.name, row, counts[:1], counts[1:])


def _pairs(
    left: Iterator[tuple[int, Expansion]], right: Iterator[tuple[int, Expansion]]
) -> Iterator[tuple[Expansion | None, Expansion | None]]:
    both = merge(((day, 0, each) for day, each in left), ((day, 1, each) for day, each in right))
    for _, found in groupby(both, lambda each: each[0]):
        by_side = {side: each for _, side, each in found}
        yield by_side.get(0), by_side.get(1)


def _by_day(connection: Connection) -> Iterator[tuple[int, Expansion]]:
    """Yield each day that something happened on, in order, with the sums that it should have."""
    facts = merge(_images(connection), _generations(connection), key=_quarter)
    for day, found in groupby(facts, lambda fact: fact.quarter // QUARTERS_A_DAY):
        expansion = Expansion()
        expansion.add(found)
        yield day, expansion


def _quarter(fact: Fact) -> int:
    return fact.quarter


def _images(connection: Connection) -> Iterator[Fact]:
    kept = drawn_images()
    purged = select(
        *(_PURGED.c[column.name] for column in COUNTED), _PURGED.c.project, _PURGED.c.template
    )
    both = union_all(kept, purged).subquery()
    for row in _rows(connection, select(both).order_by(both.c.created_at)):
        yield image_fact(row, row.asked_project, row.template)


def _generations(connection: Connection) -> Iterator[Fact]:
    names = "status", "provider", "model", "size", "api_key_id", "project", "template"
    more = "error_code", "cost_microusd", "created_at", "started_at"
    query = select(*(_GENERATIONS.c[name] for name in (*names, *more)))
    ended = query.where(_GENERATIONS.c.status.in_(_ENDED)).order_by(_GENERATIONS.c.created_at)
    return map(generation_fact, _rows(connection, ended))


def _kept_by_day(connection: Connection) -> Iterator[tuple[int, Expansion]]:
    """Yield the days that sums are kept of, in order, each with them."""
    sums = ((row.day, row) for row in _rows(connection, select(SUMS).order_by(SUMS.c.day)))
    # A row has a method `count`.
    counted = select(*LATENCIES.c, LATENCIES.c.count.label("times")).order_by(LATENCIES.c.day)
    latencies = ((row.day, row) for row in _rows(connection, counted))
    for day, rows in groupby(merge(sums, latencies, key=_day), _day):
        kept = Expansion()
        for _, row in rows:
            _take(kept, row)
        yield day, kept


def _day(pair: tuple[int, Any]) -> int:
    return pair[0]


def _take(kept: Expansion, row: Any) -> None:
    if hasattr(row, "bucket"):
        latency: LatencyKey = (row.series, row.kind, row.slot, row.day, row.bucket)
        kept.latencies[latency] = row.times
    else:
        key: SumKey = (row.series, row.slot, row.day)
        kept.sums[key] = [getattr(row, name) for name in Measures._fields]


def _rows(connection: Connection, query: Select[Any]) -> Iterable[Any]:
    return connection.execute(query, execution_options=_FETCH)
