"""Many prompts as one, and what became of them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown
from app.api.answers.generation import Progress


class Counts(Shape):
    """How many generations stand where."""

    queued: int = shown("Those that wait.", 90, ge=0)
    running: int = shown("Those that are being drawn.", 4, ge=0)
    succeeded: int = shown("Those with pictures.", 5, ge=0)
    failed: int = shown("Those without.", 1, ge=0)
    cancelled: int = shown("Those that were cancelled.", 0, ge=0)


class BatchLinks(Shape):
    """Addresses of one batch."""

    self: Address = shown("This record.", "/api/batches/01KAN4V5B6M7Q8R9S0T1V2W3X4")
    generations: Address = shown(
        "Its generations.", "/api/generations?batch=01KAN4V5B6M7Q8R9S0T1V2W3X4"
    )
    images: Address = shown("Its images.", "/api/images?batch=01KAN4V5B6M7Q8R9S0T1V2W3X4")


class Batch(Shape):
    """A batch as it stands."""

    id: str = shown("A ULID.", "01KAN4V5B6M7Q8R9S0T1V2W3X4", pattern="^[0-9A-Z]{26}$")
    status: Literal["queued", "running", "ended"] = shown(
        "Whether nothing was begun, something goes on, or all has ended.", "running"
    )
    name: str | None = shown("What it is called.", "Calendar")
    project: str | None = shown("Whom it is for.", "acme")
    made_by: str | None = shown("The name of the key; null: the command line.", "admin")
    total: int = shown("How many generations it has: one for each prompt.", 100, ge=1)
    counts: Counts = Field(description="How many of them stand where.")
    progress: Progress = Field(description="How many pictures are kept, of all.")
    estimated_cost_usd: float | None = shown(
        "What all of it was expected to cost, in US dollars; null: not known.", 3.36, ge=0
    )
    cost_usd: float = shown(
        "What those that ended cost, in US dollars, but for the unpriced ones.", 0.2016, ge=0
    )
    unpriced: int = shown("Those that ended and whose cost is not known.", 0, ge=0)
    pictures_per_minute: float | None = shown(
        "In the last five minutes or, once it has ended, all the time; null: none came.", 12.5, ge=0
    )
    seconds_left: int | None = shown("How long the rest takes at that speed.", 456, ge=0)
    created_at: Moment = shown("When it was asked for, in UTC.", "2026-11-22T09:59:54.5Z")
    started_at: Moment | None = shown("When drawing began.", "2026-11-22T09:59:54.7Z")
    finished_at: Moment | None = shown("When the last of it ended.", None)
    cancelled_at: Moment | None = shown("When the rest of it was cancelled.", None)
    links: BatchLinks


class BatchPage(Shape):
    """A page of batches."""

    items: list[Batch] = Field(description="The batches, newest first.")
    next_cursor: str | None = shown("Goes on, to older ones; null at the end.", None)
    prev_cursor: str | None = shown("Goes back; null at the beginning.", None)
