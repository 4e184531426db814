"""What a user asks for, and whether it can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import InvalidInput
from app.extensions import current_settings
from app.models.generation import LONGEST_END_USER
from app.models.types import is_label
from app.providers.catalog import Model

LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a user asks for. None means the default: of the settings, the model or the template.

    `input_images` are the ids of images to work from, in order; `end_user` is for whom the caller's
    program asks, by its own word.
    """

    prompt: str
    n: int = 1
    model: str | None = None
    aspect_ratio: str | None = None
    size: str | None = None
    seed: int | None = None
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    project: str | None = None
    input_images: tuple[int, ...] = ()
    end_user: str | None = None


def check_request(request: GenerationRequest, model: Model) -> None:
    """Raise InvalidInput for what `model` or the settings do not allow."""
    most = current_settings().max_images
    if not 1 <= request.n <= most:
        raise InvalidInput(f"n is 1 to {most} pictures.", field="n")
    if request.seed is not None and not 0 <= request.seed <= LARGEST_SEED:
        raise InvalidInput(f"A seed is 0 to {LARGEST_SEED}.", field="seed")
    _check_choice("aspect_ratio", request.aspect_ratio, model.aspect_ratios, model)
    _check_choice("size", request.size, model.sizes, model)
    if request.project is not None and not is_label(request.project):
        raise InvalidInput("A project is 1 to 100 printable characters.", field="project")
    if request.end_user is not None and not is_label(request.end_user, LONGEST_END_USER):
        raise InvalidInput(f"A user is 1 to {LONGEST_END_USER} printable characters.", field="user")


def _check_choice(
    field_name: str, value: str | None, choices: tuple[str, ...], model: Model
) -> None:
    if value is not None and value not in choices:
        raise InvalidInput(f"{model.name} draws in {', '.join(choices)}.", field=field_name)
