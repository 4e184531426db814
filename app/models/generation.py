"""One request for pictures, and what became of it."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from ulid import ULID

from app import logs
from app.extensions import Base
from app.models.api_key import ApiKey
from app.models.types import UtcDateTime, one_of, utc_now, where

if TYPE_CHECKING:
    from app.models.image import Image


class Status(StrEnum):
    """Where a generation stands. The last three are ends: nothing changes afterwards."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Tell whether nothing will change any more."""
        return self not in {Status.QUEUED, Status.RUNNING}


def new_id(moment: datetime) -> str:
    """Return an id for a generation that is asked for at an aware moment: a ULID."""
    return str(ULID.from_datetime(moment))


def new_ids(moment: datetime, number: int) -> list[str]:
    """Return so many of them, which rise.

    Beginning at a random place of their own: what comes after an id of `new_id` in the same
    millisecond is the next one that this process gives away.
    """
    milliseconds = ULID.from_datetime(moment).milliseconds
    first = (milliseconds << _RANDOM_BITS) + secrets.randbits(_RANDOM_BITS - 1)
    return [str(ULID.from_int(first + each)) for each in range(number)]


_RANDOM_BITS = 80
LONGEST_END_USER = 256
# The provider whose pictures are known to cost nothing, whatever becomes of them.
FREE_PROVIDER = "sketch"
# The `runner` of what goes on to a program as it comes from the provider: nobody can stop it.
PASSED_ON = "proxy"
# Beside the provider, which has its index anyhow.
LISTED_BY = ("status", "model", "api_key_id", "project", "template", "prompt_id")

IN_A_BATCH = where("batch_id IS NOT NULL")
# As the partial indexes say it: no value that is bound later tells that one will do.
UNFED = "status = 'queued' AND job IS NULL AND batch_id IS NOT NULL"
WAITING = "status = 'queued' AND batch_id IS NULL"
FAILED = "status = 'failed'"
FAILED_BY = (
    *("status", "prompt_id", "id"),
    *("provider", "model", "api_key_id", "project", "template"),
)
ERRORS = ("error_code", "provider", "model", "id")
PROGRESS = ("batch_id", "status", "done", "cost_microusd", "started_at", "finished_at")


class Generation(Base):
    """A request, kept whether or not it succeeded: a failure is history too.

    `prompt` is the user's own words, `final_prompt` what was sent; `prompt_id` is the PastPrompt that
    it is a use of, null when that was forgotten. Ids rise with `created_at`. `input_images` are the
    ids of the images to work from, in order (null: from words alone); one may have been purged
    since. `retry_of` is the generation that this one tries again, `request_id` the request that asked
    for it, by its name in the log, `end_user` for whom the caller's program did so, by its own word.
    `error_…` is set on a failure and on a partial success (fewer than `n` images). `cost_microusd` is in
    millionths of a US dollar, null while unknown; `estimated_microusd` is what it may cost, which is
    reserved for it in the budgets until it ends, null where no price is known.

    `batch_id` is the batch that it is part of. `job` is the engine's name for the job that runs it;
    null where it is drawn by whoever asked, in their own process, and in a batch until the engine has
    room for it. Whoever draws it holds a lease until `lease_until`; one that ran out means
    that they died. `attempts` grows with each start, so that it also tells whose turn it is.
    `runner` is the token of the worker, or `PASSED_ON`; `interruptions` how many workers died over it,
    `next_try_at` when it is tried again after a failure that will pass, `retries` how often in a row
    that was done and `retried` how often for which reason (null: never).
    `given_up` are the pictures that will never come, by ordinal, with the reason; `may_be_billed`
    whether the provider may have charged for any such.
    """

    __tablename__ = "generations"
    __table_args__ = (
        CheckConstraint("n BETWEEN 1 AND 100", name="n"),
        CheckConstraint("done BETWEEN 0 AND n", name="done"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("cost_microusd >= 0", name="cost_microusd"),
        CheckConstraint("error_retry_after >= 0", name="error_retry_after"),
        Index(None, "provider", "id"),  # "did Gemini ever run here?" in one step
        Index(None, "status", "lease_until"),  # whose lease ran out
        # Each filter of the list walks an index of its own in the order of the pages.
        *(Index(None, column, "id") for column in LISTED_BY),
        Index(None, "batch_id", "id", **IN_A_BATCH),
        Index("ix_generations_errors", *ERRORS, **where("error_code IS NOT NULL")),
        # Which prompts failed most, without reading the rows; the status is there for SQLite.
        Index("ix_generations_failed_prompt", *FAILED_BY, **where(FAILED)),
        # With all that is told of a batch, so that counting reads no rows.
        Index("ix_generations_batch_progress", *PROGRESS, **IN_A_BATCH),
        # What waits in batches for the engine, and beside them for its turn. The columns that are the
        # same in each row are there for SQLite, which would take the index above of a status else.
        Index("ix_generations_unfed", "status", "job", "batch_id", "id", **where(UNFED)),
        Index("ix_generations_waiting", "status", "batch_id", **where(WAITING)),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=lambda: str(ULID()))
    status: Mapped[Status] = mapped_column(one_of(Status), default=Status.QUEUED)
    prompt: Mapped[str] = mapped_column(Text)
    prompt_id: Mapped[int | None] = mapped_column(BigInteger)
    final_prompt: Mapped[str] = mapped_column(Text)
    template: Mapped[str | None] = mapped_column(String(64))
    template_version: Mapped[int | None]
    variables: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    provider: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(100))
    n: Mapped[int] = mapped_column(default=1)
    aspect_ratio: Mapped[str] = mapped_column(String(8))
    size: Mapped[str] = mapped_column(String(8))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    input_images: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    retry_of: Mapped[str | None] = mapped_column(String(26))
    batch_id: Mapped[str | None] = mapped_column(String(26))
    project: Mapped[str | None] = mapped_column(String(100))
    end_user: Mapped[str | None] = mapped_column(String(LONGEST_END_USER))
    request_id: Mapped[str | None] = mapped_column(String(128), default=logs.request_id)
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))

    done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    job: Mapped[str | None] = mapped_column(String(60))
    runner: Mapped[str | None] = mapped_column(String(26))
    interruptions: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retries: Mapped[int] = mapped_column(default=0, server_default="0")
    retried: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    given_up: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    may_be_billed: Mapped[bool | None]
    estimated_microusd: Mapped[int | None] = mapped_column(BigInteger)
    cost_microusd: Mapped[int | None] = mapped_column(BigInteger)
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_reason: Mapped[str | None] = mapped_column(Text)
    error_retryable: Mapped[bool | None]
    error_retry_after: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    api_key: Mapped[ApiKey | None] = relationship(lazy="joined")
    images: Mapped[list[Image]] = relationship(
        back_populates="generation", order_by="Image.ordinal", lazy="select"
    )
