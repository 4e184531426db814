"""The sums of a series, kept by the day (UTC), within it by the hour and quarter, and by 64 days.

A day of any time zone is a day in UTC with some hours, and maybe quarters, added and taken away.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, cast

from sqlalchemy import BigInteger, LargeBinary, SmallInteger, Table
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

QUARTERS_A_DAY = 96
QUARTERS_AN_HOUR = 4
# Which part of its day a row is about: all of it, then its 24 hours, then its 96 quarters.
WHOLE_DAY = 0
_HOURS = 1
_QUARTERS = 25
# And one for the 64 days that begin with its day, which is a multiple of 64.
BLOCK = 121
BLOCK_DAYS = 64


class Measures(NamedTuple):
    """What is added up. Money is in micro-dollars, sizes are in bytes.

    Of generations that have ended: how many succeeded, failed and were cancelled, what they cost as
    far as that is known, and of how many it is not. Of the images that were drawn (no uploads, no
    pictures of others), whether or not they are deleted by now: how many, their bytes, how many have
    a price of their own and the sum of these, and how many are favourites.
    """

    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    cost_microusd: int = 0
    unpriced: int = 0
    images: int = 0
    image_bytes: int = 0
    priced_images: int = 0
    image_cost_microusd: int = 0
    favourites: int = 0


class Wait(StrEnum):
    """Which durations are kept: until a generation was begun, and the provider's for an image.

    In the order of their columns.
    """

    QUEUE = "queue"
    PROVIDER = "provider"


class Kept(NamedTuple):
    """What is added up of the room that images take, whoever made them. Sizes are in bytes.

    Of those that are there, deleted ones included, and of the deleted ones among them.
    """

    images: int = 0
    picture_bytes: int = 0
    thumbnail_bytes: int = 0
    deleted_images: int = 0
    deleted_picture_bytes: int = 0
    deleted_thumbnail_bytes: int = 0


class ReportSum(Base):
    """The measures of a series in one part (`slot`) of a day, which is counted from 1970.

    Or in a block of days that begins with that one.
    """

    __tablename__ = "report_sums"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    succeeded: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
    cancelled: Mapped[int] = mapped_column(BigInteger)
    cost_microusd: Mapped[int] = mapped_column(BigInteger)
    unpriced: Mapped[int] = mapped_column(BigInteger)
    images: Mapped[int] = mapped_column(BigInteger)
    image_bytes: Mapped[int] = mapped_column(BigInteger)
    priced_images: Mapped[int] = mapped_column(BigInteger)
    image_cost_microusd: Mapped[int] = mapped_column(BigInteger)
    favourites: Mapped[int] = mapped_column(BigInteger)


class ReportLatency(Base):
    """The durations of a series in a part of a day, as above: one column a kind (Wait).

    Each is packed (models/reporting/latency_buckets.py), null where there are none.
    """

    __tablename__ = "report_latencies"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    queue: Mapped[bytes | None] = mapped_column(LargeBinary)
    provider: Mapped[bytes | None] = mapped_column(LargeBinary)


class ReportKept(Base):
    """The room that images take which were created in one part (`slot`) of a day, as above."""

    __tablename__ = "report_kept"
    __table_args__ = ({"sqlite_with_rowid": False},)

    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    images: Mapped[int] = mapped_column(BigInteger)
    picture_bytes: Mapped[int] = mapped_column(BigInteger)
    thumbnail_bytes: Mapped[int] = mapped_column(BigInteger)
    deleted_images: Mapped[int] = mapped_column(BigInteger)
    deleted_picture_bytes: Mapped[int] = mapped_column(BigInteger)
    deleted_thumbnail_bytes: Mapped[int] = mapped_column(BigInteger)


KEPT = cast(Table, ReportKept.__table__)
SUMS = cast(Table, ReportSum.__table__)
LATENCIES = cast(Table, ReportLatency.__table__)


def places_of(quarter: int) -> tuple[tuple[int, int], ...]:
    """Return the slots, each with its day, that a quarter hour (counted from 1970) is part of."""
    day, within = divmod(quarter, QUARTERS_A_DAY)
    hour = hour_slot(within // QUARTERS_AN_HOUR)
    parts = (WHOLE_DAY, day), (hour, day), (quarter_slot(within), day)
    return (*parts, (BLOCK, day & -BLOCK_DAYS))


def hour_slot(hour: int) -> int:
    """Return the slot of an hour of the day, 0 to 23."""
    return _HOURS + hour


def quarter_slot(quarter: int) -> int:
    """Return the slot of a quarter hour of the day, 0 to 95."""
    return _QUARTERS + quarter
