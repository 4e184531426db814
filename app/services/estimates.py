"""What may be asked for, and what it may cost; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from app.models.prompt_manager import PromptManager
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.preparation import Preparation
from app.services.provider_choice import provider_choice


def estimate_of(requests: Iterable[GenerationRequest]) -> int | None:
    """Return what all of these may cost, in micro-dollars; None where one has no price.

    Raises what ImageGeneratorService.submit raises for what cannot be asked for.
    """
    preparation = Preparation(PromptManager(), provider_choice())
    now = utc_now()
    prepared = [preparation.columns(request, None, now) for request in requests]
    estimates = [each["estimated_microusd"] for each in prepared]
    return None if None in estimates else sum(estimates)
