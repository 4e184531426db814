"""Who is at work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import UtcDateTime, utc_now


class Worker(Base):
    """A process that draws what is queued, while it lives.

    `name` is given by whoever started it; `token` is new with each start, and what the generations
    that it runs bear as their `runner`. A `seen_at` that stands still tells that it died. `provider` is
    who draws there: "gemini" only with a key (null: not told).
    """

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("running >= 0", name="running"),)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str] = mapped_column(String(26), unique=True)
    provider: Mapped[str | None] = mapped_column(String(32))
    running: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
