"""Rows that belong to rows which are not there: what foreign keys forbid, unless they were off."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Table,
    and_,
    delete,
    literal,
    select,
    true,
    tuple_,
)

from app.extensions import Base
from app.models import ImageBlob
from app.models.image import IMAGES
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Mend, Options, Progress
from app.services.check.reading import rows_of
from app.services.check.writing import commit

# What is of no use without the row that it belongs to.
_BELONGINGS = {
    *("image_thumbnails", "image_tags", "image_parents", "idempotency_keys"),
    "proof_sheet_images",
}
_BLOBS = cast(Table, ImageBlob.__table__)


@cache
def _references() -> dict[Kind, ForeignKeyConstraint]:
    """Return each foreign key by the kind of fault that it may have."""
    return {
        _kind(key): key
        for table in Base.metadata.sorted_tables
        for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
    }


def _kind(key: ForeignKeyConstraint) -> Kind:
    [column] = key.columns
    belongs = key.table.name in _BELONGINGS
    return Kind(
        f"{key.table.name}.{column.name}",
        f"rows of {key.table.name} without their row of {key.referred_table.name}",
        mend="removed, unless the picture is still there" if belongs else None,
        advice=None if belongs else "Restore what is missing from a backup.",
    )


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    for kind, key in _references().items():
        query = select(*_name(key)).where(_is_loose(key)).order_by(*_name(key))
        with snapshot():
            for row in rows_of(query):
                yield Fault(kind, row[0] if len(row) == 1 else tuple(row))


def _name(key: ForeignKeyConstraint) -> list[Column[Any]]:
    return list(key.table.primary_key.columns)


def _is_loose(key: ForeignKeyConstraint) -> ColumnElement[bool]:
    [column], [element] = key.columns, key.elements
    target = element.column.table.alias("target")
    there = select(literal(1)).where(target.c[element.column.name] == column)
    return and_(column.is_not(None), ~there.correlate(key.table).exists())


def _remove(key: ForeignKeyConstraint, ids: list[Any]) -> int:
    columns = _name(key)
    chosen = columns[0].in_(ids) if len(columns) == 1 else tuple_(*columns).in_(ids)
    return commit(delete(key.table).where(chosen, _is_loose(key), _is_of_no_picture(key)))


def _is_of_no_picture(key: ForeignKeyConstraint) -> ColumnElement[bool]:
    """What hangs on an image whose picture is still there waits until somebody saves that."""
    if key.referred_table is not IMAGES:
        return true()
    [column] = key.columns
    there = select(literal(1)).where(_BLOBS.c.image_id == column)
    return ~there.correlate(key.table).exists()


def _mends() -> dict[Kind, Mend]:
    return {kind: partial(_remove, key) for kind, key in _references().items() if kind.mend}


REFERENCES = Checker("references", "rows that belong to others", _find, _mends())
