"""A picture that was kept. What describes it and what shows it lie in tables of their own.

SQLite rewrites a whole row at each update, so a star on a row that carried its picture would rewrite
the picture; and a listing would drag pages of pictures through memory. So the bytes are in a table
beside it, one to one, and come only when touched.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base
from app.models.api_key import ApiKey
from app.models.generation import Generation
from app.models.types import BigId, UtcDateTime, one_of, utc_now, where


class Source(StrEnum):
    """How a picture came here."""

    GENERATED = "generated"
    UPLOAD = "upload"
    IMPORT = "import"
    PROXY = "proxy"


KEPT_BY = (
    *("prompt_id", "position", "provider", "model", "api_key_id"),
    *("generation_id", "favourite"),
)
LOOSE_BY = ("generation_id", "prompt_id", "position")
LOOSE_AT = ("generation_id", "position", "prompt_id")
LOOSE = "generation_id IS NULL AND prompt_id IS NOT NULL"


class Image(Base):
    """One picture's record.

    `prompt` is the words that were sent; `prompt_id` is the PastPrompt that it was made from, null
    when that was forgotten. `position` is the one order of pages, cursors and search:
    `created_at` in microseconds since 1970, made unique; only ImageManager assigns it. `width` and
    `height` are in pixels as seen, `byte_count` in bytes, `cost_microusd` in millionths of a US
    dollar (null: unpriced), `latency_ms` the provider's time, `usage` the tokens that it counted, by
    kind (null: it told none). `revision` counts up with each mark,
    so that nobody overwrites a change that they have not seen. A deleted image keeps its picture
    until it is purged.
    """

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("position"),
        UniqueConstraint("generation_id", "ordinal"),
        CheckConstraint("width >= 1 AND height >= 1", name="dimensions"),
        CheckConstraint("byte_count >= 1", name="byte_count"),
        CheckConstraint("ordinal >= 0", name="ordinal"),
        CheckConstraint("cost_microusd >= 0", name="cost_microusd"),
        CheckConstraint("latency_ms >= 0", name="latency_ms"),
        Index(None, "api_key_id"),
        Index(None, "sha256"),  # the same picture, come again
        # Each filter of the history walks an index of its own in the order of the pages.
        Index(None, "model", "position"),
        Index(None, "provider", "position"),
        Index(None, "project", "position"),
        Index(None, "source", "position"),
        Index(None, "batch_id", "position", **where("batch_id IS NOT NULL")),
        Index("ix_images_favourite_position", "position", **where("favourite")),
        Index("ix_images_deleted_position", "position", **where("deleted_at IS NOT NULL")),
        # With all that a list of prompts asks, so that counting reads no rows.
        Index(None, "prompt_id", "position", "deleted_at"),
        Index("ix_images_favourite_prompt", "prompt_id", "deleted_at", **where("favourite")),
        # Which prompts are kept most; and uses of prompts that are of no generation, by both. The
        # columns that are the same in each row are there for SQLite, which would read it for them.
        Index("ix_images_favourite_uses", *KEPT_BY, **where("favourite")),
        Index("ix_images_loose_prompt", *LOOSE_BY, **where(LOOSE)),
        Index("ix_images_loose_position", *LOOSE_AT, **where(LOOSE)),
        {"sqlite_autoincrement": True},  # an id is never used again
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    prompt: Mapped[str] = mapped_column(Text)
    prompt_id: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    mime_type: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    color: Mapped[str] = mapped_column(String(7))
    source: Mapped[Source] = mapped_column(one_of(Source), default=Source.GENERATED)
    provider: Mapped[str | None] = mapped_column(String(32))
    model: Mapped[str | None] = mapped_column(String(100))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    aspect_ratio: Mapped[str | None] = mapped_column(String(8))
    size: Mapped[str | None] = mapped_column(String(8))
    cost_microusd: Mapped[int | None] = mapped_column(BigInteger)
    latency_ms: Mapped[int | None]
    usage: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    generation_id: Mapped[str | None] = mapped_column(ForeignKey("generations.id"))
    ordinal: Mapped[int | None]
    batch_id: Mapped[str | None] = mapped_column(String(26))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    project: Mapped[str | None] = mapped_column(String(100))
    favourite: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))

    generation: Mapped[Generation | None] = relationship(back_populates="images")
    api_key: Mapped[ApiKey | None] = relationship()
    # passive_deletes: the database takes these along by itself, without reading them first.
    blob: Mapped[ImageBlob] = relationship(
        back_populates="image", cascade="all, delete-orphan", passive_deletes=True
    )
    thumbnails: Mapped[list[ImageThumbnail]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="ImageThumbnail.size"
    )
    tag_rows: Mapped[list[ImageTag]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="ImageTag.tag"
    )
    tags: AssociationProxy[list[str]] = association_proxy(
        "tag_rows", "tag", creator=lambda tag: ImageTag(tag=tag)
    )
    parent_rows: Mapped[list[ImageParent]] = relationship(
        cascade="all, delete-orphan",
        passive_deletes=True,
        foreign_keys="ImageParent.image_id",
        order_by="ImageParent.ordinal",
    )

    @property
    def image_base64(self) -> str:
        """The picture in base64, read from its own table when touched."""
        from app.imaging import encode_base64  # with Pillow: listings start quicker without it

        return encode_base64(self.blob.data)

    @image_base64.setter
    def image_base64(self, text: str) -> None:
        """Keep these bytes. Raises InvalidPicture when `text` is not base64."""
        from app.imaging import decode_base64  # as above

        self.blob = ImageBlob(data=decode_base64(text))


# The same as plain columns: what lists ask for, without the cost of the object mapper.
IMAGES = cast(Table, Image.__table__)
# As the partial indexes say it: SQLite would not take SQLAlchemy's "favourite = 1" for the same.
STARRED: ColumnElement[bool] = literal_column("images.favourite")


class ImageBlob(Base):
    """The picture itself, as raw bytes: base64 would cost a third more."""

    __tablename__ = "image_blobs"

    image_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    data: Mapped[bytes] = mapped_column(LargeBinary)
    image: Mapped[Image] = relationship(back_populates="blob")


class ImageThumbnail(Base):
    """A small WebP of the picture; `size` is the longest side asked for, 320 or 640 pixels."""

    __tablename__ = "image_thumbnails"
    __table_args__ = (CheckConstraint("size IN (320, 640)", name="size"),)

    image_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    size: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImageTag(Base):
    """One word that somebody put on an image."""

    __tablename__ = "image_tags"
    __table_args__ = (Index(None, "tag"),)

    image_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(64), primary_key=True)


class ImageParent(Base):
    """Lineage: `image_id` was made from `parent_id`. Purging either takes only the link along."""

    __tablename__ = "image_parents"
    __table_args__ = (Index(None, "parent_id"),)

    image_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    parent_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(default=0)
