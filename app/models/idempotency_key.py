"""Keys that callers give their requests, so that one which is sent twice is done once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import BigId, UtcDateTime

LONGEST_KEY = 255


class IdempotencyKey(Base):
    """Which generation came of a request, by the key that the caller gave it.

    Each API key has keys of its own. `body_sha256` tells what was asked. A row counts for 24 hours
    from `created_at`; who finds an older one may take its place.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    api_key_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("api_keys.id"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    generation_id: Mapped[str] = mapped_column(ForeignKey("generations.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
