"""What is asked for, as bodies have it: of one generation, of a batch, of one prompt in it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictStr,
    TypeAdapter,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.api.fields import (
    AspectRatio,
    Count,
    InputImages,
    Project,
    Prompt,
    Said,
    Seed,
    Size,
    Variables,
)
from app.api.validation import Strict
from app.models.types import LABEL, LONGEST_LABEL
from app.services.batch_bodies import MOST_PROMPTS, to_requests
from app.services.generation_request import GenerationRequest

VARIABLES_NEED_A_TEMPLATE: dict[str, Any] = {
    "if": {"required": ["variables"], "properties": {"variables": {"minProperties": 1}}},
    "then": {"required": ["template"], "properties": {"template": {"type": "string"}}},
}


def _prompt_first(schema: dict[str, Any]) -> None:
    """Show what matters most before the rest."""
    fields = schema["properties"]
    schema["properties"] = {
        **{name: fields[name] for name in ("prompt", "prompts", "name") if name in fields},
        **fields,
    }


def _generation(schema: dict[str, Any]) -> None:
    _prompt_first(schema)
    schema.update(VARIABLES_NEED_A_TEMPLATE)


class Wishes(Strict):
    """What can be said of a picture beside its prompt; null is as good as nothing."""

    n: Count = Field(1, description="How many pictures.")
    model: Annotated[StrictStr, Field(min_length=1)] | None = Field(
        None,
        description="One of GET /api/models, of the provider that draws here; null: its default. "
        "Gemini takes names that the catalog does not know yet.",
        examples=["sketch-1"],
    )
    aspect_ratio: AspectRatio | None = Field(
        None, description="Width to height. Not every model has each.", examples=["16:9"]
    )
    size: Size | None = Field(
        None, description="Not every model has each; more may cost more.", examples=["1K"]
    )
    seed: Seed | None = Field(
        None,
        description="Of the first picture; each further one takes the next. Null: chance.",
        examples=[7],
    )
    template: Annotated[StrictStr, Field(min_length=1)] | None = Field(
        None, description="A template to put the prompt into.", examples=["watercolour"]
    )
    variables: Variables = Field(
        default_factory=dict,
        description="A text for each placeholder of the template, but for user_input.",
        examples=[{"paper": "rough"}],
    )
    input_images: InputImages = Field(
        (),
        description="Ids of images to work from, in order, as many as the model takes.",
        examples=[[17]],
    )
    project: Project | None = Field(
        None, description="Whom it is for; for filters and reports.", examples=["acme"]
    )


class GenerationBody(Wishes):
    """What to draw; all but the prompt may be left out, and null is as good."""

    model_config = ConfigDict(json_schema_extra=_generation)

    prompt: Prompt = Field(description="Your own words.", examples=["A lighthouse at dusk"])


class BatchPrompt(Wishes):
    """One prompt of a batch; what is left out is as the batch has it, and null is as good."""

    model_config = ConfigDict(json_schema_extra=_prompt_first)

    prompt: Prompt = Field(description="Your own words.", examples=["A lighthouse at dusk"])


class OrWords:
    """Says that words alone do as well."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return both ways to say it."""
        return {"anyOf": [handler(core_schema), TypeAdapter(Prompt).json_schema()]}


def _with_words(value: object) -> object:
    return {"prompt": value} if isinstance(value, str) else value


class BatchBody(Wishes):
    """Prompts, and what holds for all of them that do not say it themselves."""

    model_config = ConfigDict(json_schema_extra=_prompt_first)

    prompts: Annotated[
        list[Annotated[BatchPrompt, BeforeValidator(_with_words), OrWords()]],
        # Held here, too: reading ends there, whatever comes after.
        Field(max_length=MOST_PROMPTS),
        Said(minItems=1),
    ] = Field(
        description="What to draw, each with wishes of its own, or as words alone.",
        examples=[["A lighthouse at dusk", {"prompt": "A fox", "n": 2}]],
    )
    name: Annotated[StrictStr, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_LABEL)] | None = (
        Field(None, description="What to call the batch.", examples=["Calendar"])
    )

    def requests(self) -> list[GenerationRequest]:
        """Return what each prompt asks for."""
        common = self.model_dump(exclude={"prompts", "name"}, exclude_unset=True)
        return to_requests((each.model_dump(exclude_unset=True) for each in self.prompts), common)
