"""Proof sheets: pictures that somebody without a key may look at, and mark, by a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.api_key import ApiKey
from app.models.types import BigId, UtcDateTime, utc_now, where

LONGEST_WORD = 500


class ProofSheet(Base):
    """A selection under a link, which works from `created_at` until `expires_at` or `revoked_at`.

    `sha256` is that of the link's token, which is kept nowhere. Prompts are shown, and originals can
    be saved, only where that was chosen. `guest` is the name that its reader gave, `answered_at`
    when they last marked something.
    """

    __tablename__ = "proof_sheets"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    greeting: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    shows_prompts: Mapped[bool] = mapped_column(default=False)
    downloads: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    guest: Mapped[str | None] = mapped_column(String(100))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    api_key: Mapped[ApiKey | None] = relationship()


class ProofSheetImage(Base):
    """One picture of a sheet by its number there, whether it was picked, and a word on it.

    Purging the image takes it off. Numbers stay as they were: somebody may have them on paper.
    """

    __tablename__ = "proof_sheet_images"
    __table_args__ = (
        Index("uq_proof_sheet_images_number", "sheet_id", "number", unique=True),
        Index(None, "image_id"),
        Index("ix_proof_sheet_images_picked", "image_id", "sheet_id", **where("picked")),
    )

    sheet_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("proof_sheets.id", ondelete="CASCADE"), primary_key=True
    )
    image_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int]
    picked: Mapped[bool] = mapped_column(default=False)
    word: Mapped[str | None] = mapped_column(String(LONGEST_WORD))


# As the partial index says it: SQLite would not take SQLAlchemy's "picked = 1" for the same.
PICKED: ColumnElement[bool] = literal_column("proof_sheet_images.picked")
