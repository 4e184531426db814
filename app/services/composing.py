"""What a person can choose from when they ask for pictures, and what they asked for before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.errors import Budget, InvalidTemplate, NotFound, ProofsheetError
from app.extensions import db
from app.models import Generation, Image
from app.models.forgetting import FORGOTTEN
from app.models.image import IMAGES
from app.models.prompt_manager import USER_INPUT, PromptManager, placeholders
from app.models.types import IDS
from app.providers.catalog import Model, estimate_microusd
from app.services import budgets
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ULID_TEXT
from app.services.provider_choice import provider_choice

CENT = 10_000
TENTH = 1_000
# What of a generation is asked for again, beside its words.
_SETTINGS = ("n", "model", "aspect_ratio", "size", "seed", "project")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: models, the first of them the default, and variables by template.

    Without a model nobody can draw just now, and `trouble` says why.
    """

    models: tuple[Model, ...]
    templates: Mapping[str, tuple[str, ...]]
    trouble: str | None = None

    def model(self, name: str | None) -> Model | None:
        """Return the model of that name, else the default; None where nobody can draw."""
        named = (each for each in self.models if each.name == name)
        return next(named, self.models[0] if self.models else None)


@dataclass(frozen=True, slots=True)
class Cost:
    """What something may cost in micro-dollars (None: unknown), and how the budgets stand."""

    estimate: int | None
    budgets: tuple[Budget, ...]

    @property
    def about(self) -> int | None:
        """The estimate to a tenth of a cent, where it is more than a cent: it is one."""
        is_small = self.estimate is None or self.estimate < CENT
        return self.estimate if is_small else -(-(self.estimate or 0) // TENTH) * TENTH

    @property
    def fits(self) -> bool:
        """Tell whether that much could be asked for now."""
        return budgets.fits(self.estimate, self.budgets)

    @property
    def tightest(self) -> Budget | None:
        """The budget with the least left; None: none has a limit."""
        limited = [each for each in self.budgets if each.left is not None]
        return min(limited, key=lambda each: each.left or 0, default=None)


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture to work from."""

    id: int
    sha256: str
    color: str
    prompt: str


def choices() -> Choices:
    """Return what can be chosen now."""
    templates = {each.name: variables_of(each.text) for each in PromptManager().list_templates()}
    choice = provider_choice()
    try:
        default = choice.model(None)
    except ProofsheetError as error:
        return Choices((), templates, str(error))
    others = (each for each in choice.catalog.models if each.provider == default.provider)
    models = (default, *(each for each in others if each.name != default.name))
    return Choices(models, templates)


def variables_of(text: str) -> tuple[str, ...]:
    """Return the placeholders of a template, but for the prompt's, in the order of the alphabet."""
    return tuple(sorted(placeholders(text) - {USER_INPUT}))


def cost_of(
    model: Model, size: str | None, pictures: int, input_images: int, api_key_id: int
) -> Cost:
    """Return what so many pictures may cost a key."""
    size = size if size in model.sizes else model.default_size
    estimate = estimate_microusd(model, size, pictures, input_images)
    return Cost(estimate, tuple(budgets.budgets_of(api_key_id)))


def wishes_of_image(image_id: int) -> GenerationRequest:
    """Return what an image was asked for with. Raises NotFound."""
    image = db.session.get(Image, image_id) if image_id in IDS else None
    if image is None:
        raise NotFound(f"There is no image {image_id}.")
    if image.generation is not None:
        return _wishes(image.generation)
    # The name of a file is no prompt.
    return GenerationRequest(image.prompt if image.prompt_id is not None else "")


def wishes_of_generation(generation_id: str) -> GenerationRequest:
    """Return what was asked for in a generation. Raises NotFound."""
    row = None
    if ULID_TEXT.fullmatch(generation_id):
        row = db.session.get(Generation, generation_id)
    if row is None:
        raise NotFound(f"There is no generation {generation_id[:40]!r}.")
    return _wishes(row)


def _wishes(row: Generation) -> GenerationRequest:
    kept = [each.id for each in references(row.input_images or ())]
    wishes = GenerationRequest(
        "" if row.prompt == FORGOTTEN else row.prompt,
        input_images=tuple(kept),
        **{name: getattr(row, name) for name in _SETTINGS},
    )
    if row.template is None or not wishes.prompt:
        return wishes
    if not _is_as_before(row.template, row.variables):
        # The words as they were sent then, whatever became of the template.
        return replace(wishes, prompt=row.final_prompt)
    return replace(wishes, template=row.template, variables=row.variables)


def _is_as_before(template: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a template is there, and has the same variables."""
    try:
        text = PromptManager().get_template(template).text
    except (NotFound, InvalidTemplate):
        return False
    return set(variables_of(text)) == variables.keys()


def references(ids: Collection[int]) -> list[Reference]:
    """Return those of these pictures that are there, in the order given."""
    columns = IMAGES.c["id", "sha256", "color", "prompt"]
    known = [each for each in ids if each in IDS]
    rows = db.session.execute(select(*columns).where(IMAGES.c.id.in_(known)))
    found = {row.id: Reference(*row) for row in rows}
    return [found[each] for each in dict.fromkeys(known) if each in found]
