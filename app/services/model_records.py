"""What is told of the models there are, by every face alike."""

from __future__ import annotations

from typing import Any

from app.errors import NotFound, ProofsheetError
from app.providers.catalog import Model, estimate_microusd
from app.services.provider_choice import ProviderChoice, provider_choice
from app.services.records import dollars


def model_records() -> list[dict[str, Any]]:
    """Return every model of the catalog, in its order, ready for JSON."""
    choice = provider_choice()
    drawing, default = _in_use(choice)
    return [_record(each, drawing, default) for each in choice.catalog.models]


def model_record(name: str) -> dict[str, Any]:
    """Return one of them. Raises NotFound."""
    choice = provider_choice()
    model = choice.catalog.get(name)
    if model is None:
        raise NotFound(f"The catalog has no model {name[:100]!r}; GET /api/models names them all.")
    return _record(model, *_in_use(choice))


def _in_use(choice: ProviderChoice) -> tuple[str | None, str | None]:
    """Return the provider that draws now and the model it takes when none is named.

    Neither where the provider lacks its key: the catalog can be read all the same.
    """
    try:
        model = choice.model(None)
    except ProofsheetError:
        return _active(choice), None
    if not choice.somebody_draws(model.provider):
        return None, None
    return model.provider, model.name


def _active(choice: ProviderChoice) -> str | None:
    """Return the provider that draws now, though the settings name a model that it has not."""
    try:
        active = choice.active()
    except ProofsheetError:
        return None
    return active if choice.somebody_draws(active) else None


def _record(model: Model, drawing: str | None, default: str | None) -> dict[str, Any]:
    return {
        "name": model.name,
        "provider": model.provider,
        "usable": model.provider == drawing,
        "default": model.name == default,
        "sizes": list(model.sizes),
        "default_size": model.default_size,
        "aspect_ratios": list(model.aspect_ratios),
        "default_aspect_ratio": model.default_aspect_ratio,
        # As budgets have it: by the catalog's price, or by the tokens that are to be expected.
        "prices_usd": {size: dollars(estimate_microusd(model, size, 1, 0)) for size in model.sizes},
        "max_input_images": model.max_input_images,
    }
