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
# A year has 35,000 quarter hours: to find a place among them, or to add them up, the same counts are
# kept by the day and by 64 days as well. Widest first, each a multiple of the next, in quarters.
SPANS = (64 * 96, 96, 1)


class ImageRollup(Base):
    """What a span of `position` holds: quarters `bucket * span` to `(bucket + 1) * span`, from 1970.

    `live` is the images that are not deleted, `deleted` those that are, until they are purged.
    """

    __tablename__ = "image_rollups"

    span: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    live: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)


def quarter_of(position: int) -> int:
    """Return the quarter that a position (microseconds since 1970) falls into."""
    return position // QUARTER_MICROSECONDS


def book(deltas: Mapping[int, tuple[int, int]]) -> None:
    """Add `{quarter: (live, deleted)}` to the counts; the only writer of this table.

    To be called last before the commit: two transactions that book the same quarter wait for each
    other. Rows are taken in order, so that they never wait in a circle (PostgreSQL would end one of
    them as a deadlock).
    """
    sums: dict[tuple[int, int], list[int]] = {}
    for quarter, delta in deltas.items():
        for span in SPANS:
            total = sums.setdefault((span, quarter // span), [0, 0])
            total[0] += delta[0]
            total[1] += delta[1]
    rows = [
        {"span": span, "bucket": bucket, "live": live, "deleted": deleted}
        for (span, bucket), (live, deleted) in sorted(sums.items())
        if live or deleted
    ]
    if rows:
        db.session.execute(_upsert(), rows)


def _upsert() -> Any:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(ImageRollup)
    return insert.on_conflict_do_update(
        index_elements=[ImageRollup.span, ImageRollup.bucket],
        set_={
            "live": ImageRollup.live + insert.excluded.live,
            "deleted": ImageRollup.deleted + insert.excluded.deleted,
        },
    )
