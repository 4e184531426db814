"""How a call begins: it is checked, and recorded before the provider is asked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import Table, insert

from app.extensions import current_settings, db
from app.models import Generation, Status
from app.models.generation import FREE_PROVIDER, PASSED_ON, new_id
from app.models.prompt_manager import clean_prompt
from app.models.types import utc_now
from app.providers.base import ModelNotFound
from app.providers.catalog import Model, estimate_microusd
from app.services import budgets
from app.services.generation_request import LARGEST_SEED
from app.services.marks.cleaning import clean_project
from app.services.provider_choice import ProviderChoice, provider_choice
from app.services.recorded_calls.call import Asked, Call
from app.services.turn import LEASE_MARGIN

# Made once: to put it together takes as long as to run it.
_ADD = insert(cast(Table, Generation.__table__))
WITHOUT_WORDS = "(a picture, no words)"
# What can be a size or a ratio, and has room in the record; whether it is one, the provider says.
_SIZE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,7}")
_RATIO: Final = re.compile(r"[0-9]{1,3}:[0-9]{1,3}")


def begin(asked: Asked, api_key_id: int) -> Call:
    """Commit that a call runs, and reserve what it may cost; return it.

    A size or ratio that the model does not list is the provider's to refuse: it is recorded as asked.
    While sketches are drawn here, any model of the catalog is drawn by the sketch, and its record has
    what is drawn. Raises InvalidInput, ModelNotFound, ProviderNotConfigured, OverBudget or Unpriced;
    nothing is recorded then.
    """
    model = _model(asked.model, provider_choice())
    words, project = _words(asked), clean_project(asked.project)
    ratio, size = _settings(asked, model)
    seed = asked.seed if asked.seed is not None and 0 <= asked.seed <= LARGEST_SEED else None
    call = Call(
        id=new_id(now := utc_now()),
        api_key_id=api_key_id,
        provider=model.provider,
        model=model.name,
        final_prompt=words[1],
        aspect_ratio=ratio,
        size=size,
        seed=seed,
        inputs=asked.inputs,
        project=project,
    )
    lease = timedelta(seconds=current_settings().provider_deadline) + LEASE_MARGIN
    estimate = _estimate(model, call.size, len(asked.inputs))
    row = {
        "id": call.id,
        "status": Status.RUNNING,
        "prompt": words[0],
        "final_prompt": words[1],
        "provider": call.provider,
        "model": call.model,
        "aspect_ratio": call.aspect_ratio,
        "size": call.size or model.default_size,
        "seed": call.seed,
        "project": project,
        "api_key_id": api_key_id,
        "attempts": 1,
        "runner": PASSED_ON,
        "estimated_microusd": estimate,
        "created_at": now,
        "started_at": now,
        "lease_until": now + lease,
    }
    # The program waits for this: what is read comes before what is written, so that SQLite's one lock
    # is held shortly; no object is made, and the use of its prompt is booked later.
    budgets.reserve([estimate], api_key_id, now)
    db.session.execute(_ADD, row)
    db.session.commit()
    return call


def _model(name: str, providers: ProviderChoice) -> Model:
    providers.require_here()
    model = providers.model_of_catalog(name)
    if model is None:
        names = (each.name for each in providers.catalog.models if each.provider == "gemini")
        raise ModelNotFound(f"There is no model {name[:100]!r} here, but {', '.join(names)}.")
    return model


def _settings(asked: Asked, model: Model) -> tuple[str, str | None]:
    """Return the ratio and the size that are recorded; no size where it is said and cannot be one."""
    ratio, size = asked.aspect_ratio, asked.size
    if model.provider == FREE_PROVIDER:
        ratio = ratio if ratio in model.aspect_ratios else None
        size = size if size in model.sizes else None
        return ratio or model.default_aspect_ratio, size or model.default_size
    if ratio is None or not _RATIO.fullmatch(ratio):
        ratio = model.default_aspect_ratio
    if size is None:
        return ratio, model.default_size
    return ratio, size if _SIZE.fullmatch(size) else None


def _estimate(model: Model, size: str | None, inputs: int) -> int | None:
    """Return what it may cost; of a size that nobody knows as much as any other, None where none has
    a price. What costs nothing has one.
    """
    if model.provider == FREE_PROVIDER:
        return 0
    sizes = (size,) if size in model.sizes else model.sizes
    prices = [estimate_microusd(model, each, 1, inputs) for each in sizes]
    return max((each for each in prices if each is not None), default=None)


def _words(asked: Asked) -> tuple[str, str]:
    """Return the words of the last turn and all words, as they are recorded. Raises InvalidPrompt."""
    longest = current_settings().max_prompt_characters
    final = asked.final_prompt if asked.final_prompt.strip() else WITHOUT_WORDS
    prompt = asked.prompt if asked.prompt.strip() else WITHOUT_WORDS if asked.inputs else final
    return clean_prompt(prompt, longest), clean_prompt(final, longest)
