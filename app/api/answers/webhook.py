"""What the webhook is told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown, sometimes
from app.api.answers.batch import Batch
from app.api.answers.generation import Generation

_WHERE = "Only where PROOFSHEET_WEBHOOK_PROMPTS is true."


class EndedImageLinks(Shape):
    """Addresses of one image."""

    self: Address = shown("Its record.", "/api/images/7")
    file: Address = shown("The picture.", "/api/images/7/file")


class EndedImage(Shape):
    """Where an image is."""

    id: int = shown("Its id.", 7, ge=1)
    links: EndedImageLinks


class EndedError(Shape):
    """Why pictures are missing."""

    code: str = shown("For programs, as in a problem.", "content_blocked")
    message: str = sometimes(f"For people. {_WHERE}", "Gemini refused the prompt: SAFETY.")
    reason: str | None = sometimes(f"The provider's own word for a refusal. {_WHERE}", "SAFETY")
    retryable: bool = shown("Whether the same request may succeed later.", example=False)


class EndedGeneration(Generation):
    """A generation that has ended, as the API tells it, but for its words."""

    prompt: str = sometimes(f"The user's own words. {_WHERE}", "a lighthouse at dusk")
    final_prompt: str = sometimes(f"The words that were sent. {_WHERE}", "a lighthouse at dusk")
    variables: dict[str, str] = sometimes(f"What was put into the template. {_WHERE}", {})
    error: EndedError | None = Field(  # type: ignore[assignment]  # less than the API tells
        description="Why pictures are missing, also when only some of them are; else null."
    )
    images: list[EndedImage] = Field(  # type: ignore[assignment]  # as above
        description="Its images, in order."
    )


class GenerationEnded(Shape):
    """A generation has ended."""

    type: Literal["generation.succeeded", "generation.failed", "generation.cancelled"] = shown(
        "What happened.", "generation.succeeded"
    )
    timestamp: Moment = shown("When, in UTC.", "2026-11-22T10:00:00.2Z")
    data: EndedGeneration = Field(description="The generation.")


class BatchEnded(Shape):
    """All of a batch has ended."""

    type: Literal["batch.ended"] = shown("What happened.", "batch.ended")
    timestamp: Moment = shown("When that was noticed, in UTC.", "2026-11-22T10:00:00.2Z")
    data: Batch = Field(description="The batch.")
