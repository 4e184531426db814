"""What callers send, field by field: types that bodies, queries and paths have in common.

Most rules are held by the services, for every face alike. `Said` puts them into the schemas, so that
what the document accepts the server accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    FailFast,
    Field,
    GetJsonSchemaHandler,
    StrictInt,
    StrictStr,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.extensions import current_settings
from app.models.types import LABEL, LONGEST_LABEL
from app.providers.catalog import Model
from app.services.generation_request import LARGEST_SEED
from app.services.marks.cleaning import LONGEST_NOTE, LONGEST_TAG
from app.services.provider_choice import provider_choice
from config import MOST_A_MINUTE, MOST_USD

# Marks a schema in a query: one parameter with commas in it.
COMMAS = "x-commas"

DATE = "2026-11-01"


def date_or_moment(value: str) -> date:
    """Return a date, or an RFC 3339 moment. Raises ValueError, which says how to write one."""
    try:
        if len(value) == len(DATE):
            return date.fromisoformat(value)
        # A "+" that was not encoded arrives as a space.
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as error:
        raise ValueError(
            f"{value[:100]!r} is no time: write 2026-11-01, or 2026-11-01T12:00:00Z"
        ) from error
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone, such as 2026-11-22T10:00:00Z")
    return moment


class Said:
    """Says in a field's schema what a service holds it to; what depends on settings as a function."""

    def __init__(self, **keywords: Any) -> None:
        """Take keywords of JSON schema; None takes one away."""
        self._keywords = keywords

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the field's schema with the keywords in it."""
        said = {key: each() if callable(each) else each for key, each in self._keywords.items()}
        schema = {**handler(core_schema), **said}
        return {key: each for key, each in schema.items() if each is not None}


class SaidAsObject:
    """Says that an object holds the parameters of a query, each a text or a list of its values."""

    def __init__(self, query: type[BaseModel]) -> None:
        """Take the model of the query."""
        self._query = query

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the object's schema."""
        schema = self._query.model_json_schema()
        definitions = schema.get("$defs", {})
        fields = {
            name: _text_or_list(each, definitions) for name, each in schema["properties"].items()
        }
        return {"type": "object", "properties": fields, "additionalProperties": False}


def _text_or_list(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    [value] = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if "$ref" in value:
        value = definitions[value["$ref"].rpartition("/")[2]]
    if value.get("type") == "array":
        return {"anyOf": [value["items"], {"type": "array", "items": value["items"]}]}
    kept = {key: each for key, each in value.items() if key not in {"default", "description"}}
    if value.get("type") == "integer":
        kept = {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"}  # as a query string has it
    return {"anyOf": [kept, {"type": "array", "items": kept, "minItems": 1, "maxItems": 1}]}


def setting(name: str) -> Callable[[], Any]:
    """Return a function for the value of a setting."""
    return lambda: getattr(current_settings(), name)


def _choices(of: Callable[[Model], tuple[str, ...]]) -> Callable[[], list[str]]:
    """Return a function for all that any model of the catalog has."""
    return lambda: list(
        dict.fromkeys(each for model in provider_choice().catalog.models for each in of(model))
    )


def _whole(value: object) -> object:
    """Take 7.0 for 7, as JSON schema does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[StrictInt, BeforeValidator(_whole)]
NOT_NUL = r"^[^\x00]*$"
# Text that is not blank, whatever a language takes for space.
NOT_BLANK = r"^[^\x00]*[^\s\x00\x1c-\x1f\x85\ufeff][^\x00]*$"
_TOKEN = r"(?:[^{}\x00]|\{\{|\}\}|\{[A-Za-z_][A-Za-z0-9_]*\})*"  # noqa: S105 - a part of a template

Prompt = Annotated[
    StrictStr, Said(pattern=NOT_BLANK, minLength=1, maxLength=setting("max_prompt_characters"))
]
TemplateText = Annotated[
    StrictStr,
    Said(
        pattern=rf"^{_TOKEN}\{{user_input\}}{_TOKEN}$", maxLength=setting("max_prompt_characters")
    ),
]
NewTemplateName = Annotated[StrictStr, Said(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Variables = Annotated[
    dict[StrictStr, StrictStr],
    Said(
        propertyNames={"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        additionalProperties={"type": "string"},
    ),
]
NewKeyName = Annotated[StrictStr, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_LABEL)]
RequestsPerMinute = Annotated[Whole, Said(minimum=1, maximum=MOST_A_MINUTE)]
BudgetUsd = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=MOST_USD)]
Project = Annotated[StrictStr, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_LABEL)]
Tag = Annotated[StrictStr, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_TAG)]
Note = Annotated[StrictStr, Said(pattern=NOT_NUL, maxLength=LONGEST_NOTE)]
Count = Annotated[Whole, Said(minimum=1, maximum=setting("max_images"))]
Seed = Annotated[Whole, Said(minimum=0, maximum=LARGEST_SEED)]
AspectRatio = Annotated[StrictStr, Said(enum=_choices(lambda model: model.aspect_ratios))]
Size = Annotated[StrictStr, Said(enum=_choices(lambda model: model.sizes))]
InputImages = Annotated[
    tuple[Whole, ...],
    FailFast(),  # not a message for each of a million
    Said(
        items={"type": "integer", "minimum": 1},
        uniqueItems=True,
        maxItems=lambda: max(model.max_input_images for model in provider_choice().catalog.models),
    ),
]

# In paths: what does not fit is not there.
ImageId = Annotated[int, Field(ge=1, description="The image's number.", examples=[17])]
KeyId = Annotated[int, Field(ge=1, description="The key's number.", examples=[2])]
ShareId = Annotated[int, Field(ge=1, description="The proof sheet's number.", examples=[3])]
GenerationId = Annotated[
    str, Field(description="The generation's id.", examples=["01KAN4V5B6M7Q8R9S0T1V2W3X4"])
]
BatchId = Annotated[
    str, Field(description="The batch's id.", examples=["01KAN4V5B6M7Q8R9S0T1V2W3X4"])
]
TemplateName = Annotated[str, Field(description="The template's name.", examples=["watercolour"])]
ModelName = Annotated[str, Field(description="The model's name.", examples=["sketch-1"])]
KnownSearch = Annotated[str, Field(description="The search's name.", examples=["foxes"])]
SearchName = Annotated[KnownSearch, Said(pattern=LABEL, minLength=1, maxLength=LONGEST_LABEL)]
