"""From what is asked to the columns of a generation: checked, with the words that are sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from app.errors import InvalidInput, ProofsheetError
from app.extensions import current_settings
from app.models.prompt_manager import PromptManager, clean_prompt
from app.providers.catalog import estimate_microusd
from app.services.generation_request import GenerationRequest, check_request
from app.services.input_images import check_inputs
from app.services.provider_choice import ProviderChoice


class Preparation:
    """Prepares requests that are made together: what they share is looked up once."""

    def __init__(self, prompts: PromptManager, providers: ProviderChoice) -> None:
        """Take who formats prompts and who knows the models."""
        self._prompts = prompts
        self._model = cache(providers.model)
        self._template = cache(prompts.get_template)
        self._check_inputs = cache(self._check_inputs_of)

    def columns(
        self, request: GenerationRequest, api_key_id: int | None, created_at: datetime
    ) -> dict[str, Any]:
        """Return the columns of a generation that asks for this, but for its id.

        Raises InvalidInput, NotFound (template, input images), ModelNotFound or
        ProviderNotConfigured.
        """
        model = self._model(request.model)
        check_request(request, model)
        self._check_inputs(request.input_images, request.model)
        template = self._template(request.template) if request.template else None
        text = template.text if template else self._prompts.default_template
        size = request.size or model.default_size
        return {
            "created_at": created_at,
            "prompt": clean_prompt(request.prompt, current_settings().max_prompt_characters),
            "final_prompt": self._prompts.fill(text, request.prompt, dict(request.variables)),
            "template": template.name if template else None,
            "template_version": template.version if template else None,
            "variables": dict(request.variables),
            "provider": model.provider,
            "model": model.name,
            "n": request.n,
            "aspect_ratio": request.aspect_ratio or model.default_aspect_ratio,
            "size": size,
            "seed": request.seed,
            "input_images": list(request.input_images) or None,
            "project": request.project,
            "end_user": request.end_user,
            "api_key_id": api_key_id,
            "estimated_microusd": estimate_microusd(
                model, size, request.n, len(request.input_images)
            ),
        }

    def _check_inputs_of(self, ids: tuple[int, ...], model: str | None) -> None:
        check_inputs(ids, self._model(model))


def prepare_all(
    preparation: Preparation,
    requests: Iterable[GenerationRequest],
    api_key_id: int | None,
    created_at: datetime,
) -> Iterator[dict[str, Any]]:
    """Yield the columns of each request of a batch; what is raised tells which prompt it is about."""
    for number, request in enumerate(requests):
        try:
            columns = preparation.columns(request, api_key_id, created_at)
        except ProofsheetError as error:
            raise _of_prompt(error, number) from error
        yield columns


def _of_prompt(error: ProofsheetError, number: int) -> ProofsheetError:
    error.args = (f"Prompt {number + 1:,}: {error}",)
    if isinstance(error, InvalidInput):
        error.field = ".".join(filter(None, ("prompts", str(number), error.field)))
    return error
