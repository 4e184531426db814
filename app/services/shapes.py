"""Which of a model's ratios a picture comes closest to."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from app.models.image_manager import ImageManager
from app.providers.catalog import Model
from app.services.generation_request import GenerationRequest
from app.services.provider_choice import provider_choice

_RATIO = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")


def in_shape_of_first(request: GenerationRequest) -> GenerationRequest:
    """Return what is asked, where it names no ratio in that of the first picture to work from.

    Raises NotFound for a picture that is not there, and what `ProviderChoice.model` raises.
    """
    if request.aspect_ratio is not None or not request.input_images:
        return request
    first = ImageManager().get(request.input_images[0])
    ratio = nearest_ratio(first.width / first.height, provider_choice().model(request.model))
    return replace(request, aspect_ratio=ratio)


def nearest_ratio(wanted: float, model: Model) -> str:
    """Return the ratio of `model` nearest to a picture that is `wanted` times as wide as high."""
    ratios = {name: int(found[1]) / int(found[2]) for name, found in _ratios(model)}
    return min(
        ratios,
        key=lambda name: abs(math.log(ratios[name] / wanted)),
        default=model.default_aspect_ratio,
    )


def _ratios(model: Model) -> list[tuple[str, re.Match[str]]]:
    """Return those that have a meaning: a catalog of one's own may name others."""
    found = ((name, _RATIO.fullmatch(name)) for name in model.aspect_ratios)
    return [(name, match) for name, match in found if match]
