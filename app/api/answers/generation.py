"""One request for pictures, and what became of it."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown
from app.api.answers.image import Image
from app.models import Status


class Progress(Shape):
    """How far it is."""

    done: int = shown("Pictures that are kept.", 1, ge=0)
    total: int = shown("Pictures that were asked for.", 1, ge=1)


class GenerationError(Shape):
    """Why pictures are missing."""

    code: str = shown("For programs, as in a problem.", "content_blocked")
    message: str = shown("For people: what to do.", "Gemini refused the prompt: SAFETY.")
    reason: str | None = shown("The provider's own word for a refusal.", "SAFETY")
    retryable: bool = shown("Whether the same request may succeed later.", example=False)


class GenerationLinks(Shape):
    """Addresses of one generation."""

    self: Address = shown("This record.", "/api/generations/01KAN4V5B6M7Q8R9S0T1V2W3X4")


class Generation(Shape):
    """A generation as it stands."""

    id: str = shown("A ULID.", "01KAN4V5B6M7Q8R9S0T1V2W3X4", pattern="^[0-9A-Z]{26}$")
    status: Status = shown("The last three are ends.", "succeeded")
    prompt: str = shown("The user's own words.", "a lighthouse at dusk")
    final_prompt: str = shown("The words that are sent.", "A watercolour of a lighthouse at dusk")
    template: str | None = shown("The template's name; null: the words as they are.", "watercolour")
    template_version: int | None = shown("Its version.", 1, ge=1)
    variables: dict[str, str] = shown("What was put into it.", {"paper": "rough"})
    provider: str = shown("Who draws.", "sketch")
    model: str = shown("With which model.", "sketch-1")
    n: int = shown("How many pictures were asked for.", 1, ge=1)
    aspect_ratio: str = shown("Width to height.", "1:1")
    size: str = shown("By the name that the model gives it.", "1K")
    seed: int | None = shown("Of the first picture; each further one takes the next.", 7)
    parents: list[int] = shown("Ids of the images to work from, in order.", [12])
    retry_of: str | None = shown(
        "The id of the generation that it tries again.", None, pattern="^[0-9A-Z]{26}$"
    )
    batch: str | None = shown(
        "The id of the batch that it is part of.", None, pattern="^[0-9A-Z]{26}$"
    )
    project: str | None = shown("Whom it is for.", "acme")
    end_user: str | None = shown(
        "For whom the caller's program asked, by its own word (`user` in /v1).", None
    )
    made_by: str | None = shown("The name of the key; null: the command line.", "admin")
    progress: Progress
    attempts: int = shown("How often drawing was begun.", 1, ge=0)
    next_try_at: Moment | None = shown(
        "When it is tried again, after a failure that passes by itself.", None
    )
    error: GenerationError | None = Field(
        description="Why pictures are missing; also set when only some of them are, and while it "
        "waits to be tried again. Else null."
    )
    estimated_cost_usd: float | None = shown(
        "What it may cost, in US dollars, which is reserved in the budgets until it ends; null: no "
        "price is known. A picture that may have been billed twice counts twice.",
        0.0336,
        ge=0,
    )
    cost_usd: float | None = shown("In US dollars; null while or where not known.", 0.0336, ge=0)
    created_at: Moment = shown("When it was asked for, in UTC.", "2026-11-22T09:59:54.5Z")
    started_at: Moment | None = shown("When drawing began.", "2026-11-22T09:59:54.7Z")
    finished_at: Moment | None = shown("When it ended.", "2026-11-22T10:00:00.2Z")
    images: list[Image] = Field(description="The images so far, in order.")
    links: GenerationLinks


class GenerationPage(Shape):
    """A page of generations."""

    items: list[Generation] = Field(description="The generations, newest first.")
    next_cursor: str | None = shown("Goes on, to older ones; null at the end.", None)
    prev_cursor: str | None = shown("Goes back; null at the beginning.", None)
