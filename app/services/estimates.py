"""What may be asked for, and what it may cost; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from app.models.prompt_manager import PromptManager
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.preparation import Preparation, prepare_all
from app.services.provider_choice import provider_choice


def estimate_of(request: GenerationRequest) -> int | None:
    """Return what this may cost, in micro-dollars; None where it has no price.

    Raises what ImageGeneratorService.submit raises for what cannot be asked for.
    """
    found: int | None = _preparation().columns(request, None, utc_now())["estimated_microusd"]
    return found


def estimate_of_batch(requests: Iterable[GenerationRequest]) -> int | None:
    """Return what all of these may cost; None where one has no price. Raises what batches raise."""
    prepared = prepare_all(_preparation(), requests, None, utc_now())
    estimates = [each["estimated_microusd"] for each in prepared]
    return None if None in estimates else sum(estimates)


def _preparation() -> Preparation:
    return Preparation(PromptManager(), provider_choice())
