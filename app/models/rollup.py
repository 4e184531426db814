"""Counts by the quarter hour, so that totals and deep pages are quick and exact.

Every time zone's offset is a multiple of 15 minutes, so any day of any zone is a sum of quarters.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base

MICROSECONDS = 15 * 60 * 1_000_000


class ImageRollup(Base):
    """What one quarter hour of `position` holds. `quarter` counts from 1970 in UTC.

    `live` is the images that are not deleted, `deleted` those that are, until they are purged.
    """

    __tablename__ = "image_rollups"
    quarter: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    live: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)
