"""What becomes of those who wait: pictures, or the reason why there are none."""

from __future__ import annotations

from app.errors import GenerationFailed, Gone
from app.models import Generation, Image, Status
from app.services.generation_outcome import raise_if_failed
from app.services.image_generator_service import ImageGeneratorService

# Clients give up after 600 s, and would pay again.
LONGEST_WAIT_SECONDS = 580


def ended(generation_id: str) -> Generation:
    """Return a generation that has pictures. Raises GenerationFailed for one that has none."""
    generation = ImageGeneratorService().get(generation_id)
    raise_if_failed(generation)
    if generation.status == Status.CANCELLED:
        raise GenerationFailed(
            "The generation was cancelled.", code="cancelled", generation_id=generation_id
        )
    return generation


def live(generation: Generation) -> list[Image]:
    """Return its pictures that nobody has deleted."""
    return [each for each in generation.images if each.deleted_at is None]


def deleted(generation: Generation) -> Gone:
    """Return what to raise where a request comes again and its pictures have been deleted since."""
    return Gone(
        f"The pictures of generation {generation.id} were deleted. Restore them, if they are still "
        "there, or ask anew, with a new Idempotency-Key if there was one."
    )


def still_running(generation_id: str) -> GenerationFailed:
    """Return what to raise for one that takes longer than anybody waits."""
    return GenerationFailed(
        f"It is still being drawn, and will be in the history: generation {generation_id}.",
        code="still_running",
        generation_id=generation_id,
    )
