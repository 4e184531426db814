"""What stays of an image that was purged: what reports count, and none of its words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.models.image import IMAGES
from app.models.reporting.book import drawn_images
from app.models.types import BigId, UtcDateTime


class PurgedImage(Base):
    """The columns of an image that was drawn here, as far as reports need them.

    Reports tell what was generated, whether or not it is still there: so their sums can be made anew.
    `project` and `template` are those of its generation.
    """

    __tablename__ = "purged_images"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider: Mapped[str | None] = mapped_column(String(32))
    model: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[str | None] = mapped_column(String(8))
    api_key_id: Mapped[int | None] = mapped_column(BigInteger)
    byte_count: Mapped[int] = mapped_column(BigInteger)
    cost_microusd: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[int | None]
    favourite: Mapped[bool]
    project: Mapped[str | None] = mapped_column(String(100))
    template: Mapped[str | None] = mapped_column(String(64))


def remember(ids: list[int]) -> None:
    """Add and flush what stays of images that are about to be removed."""
    kept = drawn_images().where(IMAGES.c.id.in_(ids)).add_columns(IMAGES.c.id)
    names = [
        "project" if each.name == "asked_project" else each.name for each in kept.selected_columns
    ]
    db.session.execute(insert(PurgedImage).from_select(names, kept))
