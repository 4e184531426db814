"""Counts by the quarter hour, so that totals and deep pages are quick and exact.

Every time zone's offset is a multiple of 15 minutes, so any day of any zone is a sum of quarters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db

QUARTER_MICROSECONDS = 15 * 60 * 1_000_000


class ImageRollup(Base):
    """What one quarter hour of `position` holds. `quarter` counts from 1970 in UTC.

    `live` is the images that are not deleted, `deleted` those that are, until they are purged.
    """

    __tablename__ = "image_rollups"

    quarter: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    live: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)


def quarter_of(position: int) -> int:
    """Return the quarter that a position (microseconds since 1970) falls into."""
    return position // QUARTER_MICROSECONDS


def book(deltas: Mapping[int, tuple[int, int]]) -> None:
    """Add `{quarter: (live, deleted)}` to the counts; the only writer of this table.

    To be called last before the commit: two transactions that book the same quarter wait for each
    other. Quarters are taken in order, so that they never wait in a circle (PostgreSQL would end one
    of them as a deadlock).
    """
    rows = [
        {"quarter": quarter, "live": live, "deleted": deleted}
        for quarter, (live, deleted) in sorted(deltas.items())
        if live or deleted
    ]
    if rows:
        db.session.execute(_upsert(), rows)


def _upsert() -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(ImageRollup)
    return insert.on_conflict_do_update(
        index_elements=[ImageRollup.quarter],
        set_={
            "live": ImageRollup.live + insert.excluded.live,
            "deleted": ImageRollup.deleted + insert.excluded.deleted,
        },
    )
