"""Who may do what: keys, of which only a hash is kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import BigId, UtcDateTime, one_of, utc_now, where


class Role(StrEnum):
    """What a key may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"
    CREATOR = "creator"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Tell whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class ApiKey(Base):
    """A key by its name. It works from `created_at` until `revoked_at`.

    `requests_per_minute` is the most that it may send; null leaves that to the settings. Its budgets
    are in micro-dollars, for a day and a month in UTC, beside those of the settings for all together.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        # A name is free again once its key is revoked.
        Index("uq_api_keys_live_name", "name", unique=True, **where("revoked_at IS NULL")),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(12))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requests_per_minute: Mapped[int | None]
    daily_budget_microusd: Mapped[int | None] = mapped_column(BigInteger)
    monthly_budget_microusd: Mapped[int | None] = mapped_column(BigInteger)
