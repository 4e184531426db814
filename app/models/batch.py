"""Many prompts that are asked for as one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.api_key import ApiKey
from app.models.types import UtcDateTime, utc_now, where


class Batch(Base):
    """A batch. What became of it is told by its generations, which bear its id as `batch_id`.

    `total` is how many those are, `pictures` how many pictures they ask for together, and
    `estimated_microusd` what those were expected to cost, null where that was not known.
    `cancelled_at` is when the rest of it was cancelled, `finished_at` when the last one ended: noted
    a little later, once.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("total >= 1", name="total"),
        CheckConstraint("pictures >= total", name="pictures"),
        Index("ix_batches_going_on", "id", **where("finished_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(100))
    project: Mapped[str | None] = mapped_column(String(100))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    total: Mapped[int]
    pictures: Mapped[int]
    estimated_microusd: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    api_key: Mapped[ApiKey | None] = relationship(lazy="joined")
