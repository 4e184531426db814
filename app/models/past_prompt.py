"""What was asked before: each wording once, however often it was used."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base
from app.models.types import BigId, UtcDateTime
from app.models.word_index import IndexedText, WordIndex

# So much of its words a prompt is found by as one types.
LONGEST_BEGINNING = 60
# By the bytes of UTF-8, as SQLite compares anyway: beginnings are found as a range.
_BY_BYTES = String(LONGEST_BEGINNING).with_variant(
    String(LONGEST_BEGINNING, collation="C"), "postgresql"
)


class PastPrompt(Base):
    """A user's own words, and when they were used: for a generation, or for a picture without one.

    `key` is the same for wordings that differ in case and white space alone; `text` is the one used
    last. `beginning` is how its normalised words begin. `position` is the one order by time:
    `last_used_at` in microseconds since 1970, made unique. Generations and images point here with
    their `prompt_id`, without a foreign key: what is being drawn when its words are forgotten must
    still be kept, and an id is never used again.
    """

    __tablename__ = "prompts"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("position"),
        CheckConstraint("uses >= 1", name="uses"),
        # Both with all that suggestions are made from, so that they need not read the rows.
        Index(None, "uses", "position", "beginning"),
        Index(None, "beginning", "uses", "position"),
        {"sqlite_autoincrement": True},  # an id is never used again
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    beginning: Mapped[str] = mapped_column(_BY_BYTES)
    uses: Mapped[int] = mapped_column(BigInteger)
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int] = mapped_column(BigInteger)


class PromptText(IndexedText, Base):
    """The normalised words of one prompt, by its `position`."""

    __tablename__ = "prompt_texts"


prompt_index = WordIndex.of(PastPrompt.position, PromptText, "prompt_words")


def prompt_key(text: str) -> str:
    """Return what is the same for texts that differ in case and white space alone."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()


def beginning_of(words: str) -> str:
    """Return how normalised words begin, as far as is kept beside a prompt."""
    return words[:LONGEST_BEGINNING]
