"""What is to be told to the webhook, until it has been told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from ulid import ULID

from app.extensions import Base
from app.models.types import UtcDateTime, one_of, utc_now, where


class Event(StrEnum):
    """What happened."""

    GENERATION_SUCCEEDED = "generation.succeeded"
    GENERATION_FAILED = "generation.failed"
    GENERATION_CANCELLED = "generation.cancelled"
    BATCH_ENDED = "batch.ended"


class WebhookDelivery(Base):
    """One event, committed with what it tells of; `subject` is the id of that.

    `id` is what a receiver tells repetitions by. At `next_try_at` it is sent (again); null once it
    was delivered or given up. Whoever is about to send it moves that moment on, as a lease.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        # Nothing ends twice, so nothing is told twice: whoever comes second finds it there.
        UniqueConstraint("subject", "event"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_webhook_deliveries_due", "next_try_at", **where("next_try_at IS NOT NULL")),
        Index(None, "created_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=lambda: str(ULID()))
    event: Mapped[Event] = mapped_column(one_of(Event, 24))
    subject: Mapped[str] = mapped_column(String(26))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
