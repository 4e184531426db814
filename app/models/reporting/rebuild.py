"""The sums of reports made anew from the rows that they are about, or compared with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Select,
    Table,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
)

from app.extensions import db
from app.models.generation import Generation, Status
from app.models.image import IMAGES
from app.models.reporting.book import COUNTED, drawn_images, room_of_images
from app.models.reporting.expansion import Expansion
from app.models.reporting.facts import Fact, Room, generation_fact, image_fact, room_of
from app.models.reporting.purged_image import PurgedImage
from app.models.reporting.series import ReportSeries, Series
from app.models.reporting.sums import (
    BLOCK,
    BLOCK_DAYS,
    KEPT,
    LATENCIES,
    QUARTERS_A_DAY,
    SUMS,
    WHOLE_DAY,
)

_PURGED = cast(Table, PurgedImage.__table__)
_GENERATIONS = cast(Table, Generation.__table__)
_SERIES = cast(Table, ReportSeries.__table__)
_ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
_FETCH = {"yield_per": 5_000}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of sums that is not what the rows say: its key, what it holds and what it should hold.

    A row that is not there, or should not be, holds nothing.
    """

    table: str
    key: tuple[Any, ...]
    found: tuple[int, ...]
    expected: tuple[int, ...]


def rebuild(connection: Connection) -> None:
    """Make all sums anew, within the connection's transaction; flat in memory."""
    for table in (SUMS, LATENCIES, KEPT, _SERIES):
        connection.execute(delete(table))
    known: set[int] = set()
    for _, expected in _by_day(connection):
        new = [row for row in expected.series_rows() if row["id"] not in known]
        known.update(row["id"] for row in new)
        for table, rows in (
            (_SERIES, new),
            (SUMS, expected.sum_rows()),
            (LATENCIES, expected.latency_rows()),
            (KEPT, expected.kept_rows()),
        ):
            if rows:
                connection.execute(insert(table), rows)
    for table in (SUMS, LATENCIES, KEPT):
        connection.execute(insert(table).from_select([*table.c.keys()], _blocks(table)))


def _blocks(table: Table) -> Select[Any]:
    """Return the query for the rows of a table by the block, from those by the day."""
    keys: dict[str, Any] = {column.name: column for column in table.primary_key}
    # Not as values that are bound: PostgreSQL would not know them for the same in both places.
    keys["day"] = table.c.day.op("&")(literal_column(str(-BLOCK_DAYS)))
    groups = [each for name, each in keys.items() if name != "slot"]
    keys["slot"] = literal_column(str(BLOCK))
    sums = (func.sum(column) for column in table.c if not column.primary_key)
    return select(*keys.values(), *sums).where(table.c.slot == WHOLE_DAY).group_by(*groups)


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
    for table in (SUMS, LATENCIES, KEPT):
        yield from _compare_blocks(connection, table)


def _compare_blocks(connection: Connection, table: Table) -> Iterator[Difference]:
    """Yield where the sums by the block differ from those by the day."""
    kept = select(table).where(table.c.slot == BLOCK)
    keys = len(table.primary_key)
    expected, found = (
        {tuple(row[:keys]): [int(each) for each in row[keys:]] for row in connection.execute(query)}
        for query in (_blocks(table), kept)
    )
    yield from _compare_sums(table, expected, found)


def _missing(connection: Connection, needed: set[Series]) -> Iterator[Difference]:
    """Yield the series that are not there; one too many does no harm."""
    there = set(connection.scalars(select(_SERIES.c.id)))
    for each in sorted(needed):
        if each.id not in there:
            yield Difference(_SERIES.name, (each.id,), (), ())


def _compare(expected: Expansion, kept: Expansion) -> Iterator[Difference]:
    yield from _compare_sums(SUMS, expected.sums, kept.sums)
    yield from _compare_sums(KEPT, expected.kept, kept.kept)
    for row in sorted(expected.latencies.keys() | kept.latencies.keys()):
        if expected.latencies[row] != kept.latencies[row]:
            counts = kept.latencies[row], expected.latencies[row]
            yield Difference(LATENCIES.name, row, counts[:1], counts[1:])


def _compare_sums(
    table: Table, expected: Mapping[Any, list[int]], kept: Mapping[Any, list[int]]
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | kept.keys()):
        # A row of zeros is as good as none.
        wanted, found = (tuple(each.get(key, ())) for each in (expected, kept))
        if wanted != found and (any(wanted) or any(found)):
            yield Difference(table.name, key, found, wanted)


def _pairs(
    left: Iterator[tuple[int, Expansion]], right: Iterator[tuple[int, Expansion]]
) -> Iterator[tuple[Expansion | None, Expansion | None]]:
    both = merge(((day, 0, each) for day, each in left), ((day, 1, each) for day, each in right))
    for _, found in groupby(both, lambda each: each[0]):
        by_side = {side: each for _, side, each in found}
        yield by_side.get(0), by_side.get(1)


def _by_day(connection: Connection) -> Iterator[tuple[int, Expansion]]:
    """Yield each day that something happened on, in order, with the sums that it should have."""
    sources: tuple[Iterable[Fact | Room], ...] = (
        *(_images(connection), _generations(connection), _rooms(connection)),
    )
    for day, found in groupby(merge(*sources, key=_quarter), _day_of):
        expansion = Expansion(blocks=False)
        for each in found:
            if isinstance(each, Room):
                expansion.add_room([each])
            else:
                expansion.add([each])
        yield day, expansion


def _quarter(each: Fact | Room) -> int:
    return each.quarter


def _day_of(each: Fact | Room) -> int:
    return each.quarter // QUARTERS_A_DAY


def _rooms(connection: Connection) -> Iterator[Room]:
    for row in _rows(connection, room_of_images().order_by(IMAGES.c.created_at)):
        deleted = row.deleted_at is not None
        yield room_of(row.created_at, row.byte_count, row.thumbnails, deleted=deleted)


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
    parts = (_days_of(connection, table) for table in (SUMS, LATENCIES, KEPT))
    for day, found in groupby(merge(*parts, key=_day), _day):
        kept = Expansion()
        for _, table, rows in found:
            _take(kept, table, rows)
        yield day, kept


def _days_of(connection: Connection, table: Table) -> Iterator[tuple[int, Table, list[Any]]]:
    """Yield the rows of a table by the day, in order."""
    parts = select(table).where(table.c.slot != BLOCK)
    rows = _rows(connection, parts.order_by(table.c.day))
    # By its place: there are a million rows, and a name takes ten times as long.
    for day, found in groupby(rows, itemgetter([*table.c.keys()].index("day"))):
        yield day, table, list(found)


def _day(part: tuple[int, Table, list[Any]]) -> int:
    return part[0]


def _take(kept: Expansion, table: Table, rows: list[Any]) -> None:
    """Take rows as they are: the columns of their key first, in its order."""
    if table is SUMS:
        kept.sums.update((tuple(row[:3]), list(row[3:])) for row in rows)
    elif table is KEPT:
        kept.kept.update((tuple(row[:2]), list(row[2:])) for row in rows)
    else:
        kept.latencies.update({tuple(row[:5]): row[5] for row in rows})


def _rows(connection: Connection, query: Select[Any]) -> Iterable[Any]:
    return connection.execute(query, execution_options=_FETCH)
