"""Books what reports count; the only writer of its tables, but for their rebuilding.

What a transaction books is gathered and written last before its commit: two transactions that add to
the same row wait for each other, and with all rows in one order never in a circle, which PostgreSQL
would end as a deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Connection, Select, Table, bindparam, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.batches import batches
from app.models.generation import Generation
from app.models.image import IMAGES, ImageThumbnail
from app.models.reporting.expansion import Expansion, SumKey
from app.models.reporting.facts import DRAWN, Fact, Room, generation_fact, image_fact, room_of
from app.models.reporting.latency_buckets import unpacked
from app.models.reporting.series import ReportSeries
from app.models.reporting.sums import BLOCK_DAYS, KEPT, LATENCIES, SUMS, Kept, Measures, Wait

_BOOKED = "report_facts"
_SERIES = cast(Table, ReportSeries.__table__)
_THUMBNAILS = cast(Table, ImageThumbnail.__table__)
_GENERATIONS = cast(Table, Generation.__table__)
_DURATIONS = select(LATENCIES).where(
    LATENCIES.c.series.in_(bindparam("series", expanding=True)),
    LATENCIES.c.slot.in_(bindparam("slots", expanding=True)),
    LATENCIES.c.day.in_(bindparam("days", expanding=True)),
)


def book(facts: Iterable[Fact], times: int = 1) -> None:
    """Count what happened, once it is committed; or (-1) count it no more."""
    _booked().add(facts, times)


def book_room(rooms: Iterable[Room], times: int = 1) -> None:
    """Count the room that images take, once it is committed; or (-1) that they take it no more."""
    _booked().add_room(rooms, times)


def rooms_of(ids: Iterable[int]) -> Iterator[Room]:
    """Yield the room that images take now, as they are: deleted or not."""
    for some in batches(ids):
        for row in db.session.execute(room_of_images().where(IMAGES.c.id.in_(some))):
            deleted = row.deleted_at is not None
            yield room_of(row.created_at, row.byte_count, row.thumbnails, deleted=deleted)


def room_of_images() -> Select[Any]:
    """Return the query for the room that images take, with their ids."""
    size = func.coalesce(func.sum(func.length(_THUMBNAILS.c.data)), 0)
    thumbnails = select(size).where(_THUMBNAILS.c.image_id == IMAGES.c.id).correlate(IMAGES)
    columns = IMAGES.c.id, IMAGES.c.created_at, IMAGES.c.byte_count, IMAGES.c.deleted_at
    return select(*columns, thumbnails.scalar_subquery().label("thumbnails"))


def book_generations(generations: Iterable[Any]) -> None:
    """Count generations that have just ended, or come in as ended: rows with their columns."""
    book(map(generation_fact, generations))


def book_favourites(ids: Collection[int], step: int) -> None:
    """Count images that have just become favourites (1), or are so no more (-1)."""
    stars = Measures(favourites=step)
    for some in batches(ids):
        rows = db.session.execute(drawn_images().where(IMAGES.c.id.in_(some)))
        facts = (image_fact(row, row.asked_project, row.template) for row in rows)
        book(Fact(each.quarter, each.dimensions, stars) for each in facts)


def _booked() -> Expansion:
    found: Expansion = db.session().info.setdefault(_BOOKED, Expansion())
    return found


def drawn_images() -> Select[Any]:
    """Return the query for all that is counted of images, with what their generations know."""
    asked = _GENERATIONS.c.project.label("asked_project"), _GENERATIONS.c.template
    joined = IMAGES.outerjoin(_GENERATIONS, IMAGES.c.generation_id == _GENERATIONS.c.id)
    return select(*COUNTED, *asked).select_from(joined).where(IMAGES.c.source.in_(DRAWN))


# What an image has that is counted; those that are purged leave it behind.
COUNTED = tuple(
    IMAGES.c[name]
    for name in (
        *("created_at", "provider", "model", "size", "api_key_id", "byte_count"),
        *("cost_microusd", "latency_ms", "favourite"),
    )
)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    # A savepoint that is released tells so, too.
    if session.in_nested_transaction():
        return
    found: Expansion | None = session.info.pop(_BOOKED, None)
    if found is None:
        return
    dialect = db.engine.dialect.name
    connection = session.connection()
    for statement, rows in (
        (_new_series(dialect), found.series_rows()),
        (_sums(dialect), found.sum_rows()),
    ):
        if rows:
            connection.execute(statement, rows)
    # Nobody else changes these now: whoever does must have changed the sums of the same key first.
    _add_kept_durations(connection, found)
    for statement, rows in (
        (_latencies(dialect), found.latency_rows()),
        (_kept(dialect), found.kept_rows()),
    ):
        if rows:
            connection.execute(statement, rows)


def _add_kept_durations(connection: Connection, found: Expansion) -> None:
    """Add the durations that are there to those that were found, whose sum is then written."""
    for _, keys in groupby(sorted(found.latencies, key=_block_of), _block_of):
        series, slots, days = (sorted(set(each)) for each in zip(*keys, strict=True))
        for some in batches(series):
            asked = {"series": some, "slots": slots, "days": days}
            for row in connection.execute(_DURATIONS, asked):
                if (durations := found.latencies.get((row.series, row.slot, row.day))) is not None:
                    for wait, counts in durations.items():
                        counts.update(dict(unpacked(getattr(row, wait))))


def _block_of(key: SumKey) -> int:
    return key[2] & -BLOCK_DAYS


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_BOOKED, None)


@cache
def _new_series(dialect: str) -> Any:
    return _insert(dialect, _SERIES).on_conflict_do_nothing()


@cache
def _sums(dialect: str) -> Any:
    insert = _insert(dialect, SUMS)
    added = {name: SUMS.c[name] + insert.excluded[name] for name in Measures._fields}
    return insert.on_conflict_do_update(index_elements=[*SUMS.primary_key], set_=added)


@cache
def _latencies(dialect: str) -> Any:
    insert = _insert(dialect, LATENCIES)
    changed = {wait.value: insert.excluded[wait.value] for wait in Wait}
    return insert.on_conflict_do_update(index_elements=[*LATENCIES.primary_key], set_=changed)


@cache
def _kept(dialect: str) -> Any:
    insert = _insert(dialect, KEPT)
    added = {name: KEPT.c[name] + insert.excluded[name] for name in Kept._fields}
    return insert.on_conflict_do_update(index_elements=[*KEPT.primary_key], set_=added)


def _insert(dialect: str, table: Table) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)
