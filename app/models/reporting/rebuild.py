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
    insert,
    select,
    union_all,
)

from app.extensions import db
from app.models.generation import Generation, Status
from app.models.image import IMAGES
from app.models.reporting.book import COUNTED, drawn_images, room_of_images
from app.models.reporting.expansion import Expansion
from app.models.reporting.facts import Fact, Room, generation_fact, image_fact, room_of
from app.models.reporting.latency_buckets import unpacked
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
    Wait,
)

_PURGED = cast(Table, PurgedImage.__table__)
_GENERATIONS = cast(Table, Generation.__table__)
_SERIES = cast(Table, ReportSeries.__table__)
_ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
_FETCH = {"yield_per": 5_000}
# The block, whether it is the block itself, the day.
Part = tuple[int, bool, int]


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
    for _, expected in _by_part(connection):
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


def differences() -> Iterator[Difference]:
    """Yield where the sums differ from the rows, in one read transaction; flat in memory."""
    connection = db.session.connection()
    # Both go through the days in order; one may be missing on either side.
    needed: set[Series] = set()
    for expected, kept in _pairs(_by_part(connection), _kept_by_part(connection)):
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
    yield from _compare_sums(SUMS, expected.sums, kept.sums)
    yield from _compare_sums(KEPT, expected.kept, kept.kept)
    for key in sorted(expected.latencies.keys() | kept.latencies.keys()):
        both = expected.latencies[key], kept.latencies[key]
        if any(+both[0][wait] != +both[1][wait] for wait in Wait):
            wanted, found = (tuple(each[wait].total() for wait in Wait) for each in both)
            yield Difference(LATENCIES.name, key, found, wanted)


def _compare_sums(
    table: Table, expected: Mapping[Any, list[int]], kept: Mapping[Any, list[int]]
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | kept.keys()):
        # A row of zeros is as good as none.
        wanted, found = (tuple(each.get(key, ())) for each in (expected, kept))
        if wanted != found and (any(wanted) or any(found)):
            yield Difference(table.name, key, found, wanted)


def _pairs(
    left: Iterator[tuple[Part, Expansion]], right: Iterator[tuple[Part, Expansion]]
) -> Iterator[tuple[Expansion | None, Expansion | None]]:
    both = merge(
        ((part, 0, each) for part, each in left), ((part, 1, each) for part, each in right)
    )
    for _, found in groupby(both, lambda each: each[0]):
        by_side = {side: each for _, side, each in found}
        yield by_side.get(0), by_side.get(1)


def _by_part(connection: Connection) -> Iterator[tuple[Part, Expansion]]:
    """Yield the sums that there should be of each day that something happened on, and of each block."""
    for block, days in groupby(_by_day(connection), lambda each: each[0] & -BLOCK_DAYS):
        together = Expansion()
        for day, expected in days:
            yield _part(WHOLE_DAY, day), expected
            expected.fold_days(together)
        yield _part(BLOCK, block), together


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


def _part(slot: int, day: int) -> Part:
    """Return where a row comes in the order of the comparison: by the day, a block after its days."""
    return day & -BLOCK_DAYS, slot == BLOCK, day


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


def _kept_by_part(connection: Connection) -> Iterator[tuple[Part, Expansion]]:
    """Yield the sums that are kept of each day and block, in the same order."""
    parts = (_parts_of(connection, table) for table in (SUMS, LATENCIES, KEPT))
    for part, found in groupby(merge(*parts, key=itemgetter(0)), itemgetter(0)):
        kept = Expansion()
        for _, table, rows in found:
            _take(kept, table, rows)
        yield part, kept


def _parts_of(connection: Connection, table: Table) -> Iterator[tuple[Part, Table, list[Any]]]:
    """Yield the rows of a table by the part, in order."""
    block = table.c.day.op("&")(-BLOCK_DAYS)
    query = select(table).order_by(block, table.c.slot == BLOCK, table.c.day)
    # By their places: there are a million rows, and a name takes ten times as long.
    slot, day = (list(table.c.keys()).index(name) for name in ("slot", "day"))
    for part, found in groupby(_rows(connection, query), lambda row: _part(row[slot], row[day])):
        yield part, table, list(found)


def _take(kept: Expansion, table: Table, rows: list[Any]) -> None:
    """Take rows as they are: the columns of their key first, in its order."""
    if table is SUMS:
        kept.sums.update((tuple(row[:3]), list(row[3:])) for row in rows)
    elif table is KEPT:
        kept.kept.update((tuple(row[:2]), list(row[2:])) for row in rows)
    else:
        for *key, queue, provider in rows:
            durations = kept.latencies[tuple(key)]
            durations[Wait.QUEUE].update(dict(unpacked(queue)))
            durations[Wait.PROVIDER].update(dict(unpacked(provider)))


def _rows(connection: Connection, query: Select[Any]) -> Iterable[Any]:
    return connection.execute(query, execution_options=_FETCH)
