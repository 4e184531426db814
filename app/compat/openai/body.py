"""What is asked for in OpenAI's words, checked."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from flask import request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.errors import InvalidInput
from app.request_body import read_body

# Taken and passed over: what they ask for has no meaning here. docs/clients.md names them.
IGNORED = {
    "background": "A picture comes with the background that its model draws.",
    "complexity": "No model here knows it.",
    "frame_count": "There are no moving pictures.",
    "frame_duration_ms": "There are no moving pictures.",
    "input_fidelity": "A model takes as much from a picture as it takes.",
    "moderation": "The provider's own rules hold.",
    "partial_images": "No provider here sends unfinished pictures: a stream has whole ones alone.",
    "prompt_rewriter": "The words are sent as they are.",
    "style": "Say it in the prompt.",
    "svg": "There are no drawings in vectors.",
}


def _plain_number(given: Any) -> Any:
    """Refuse texts of a form that only Python takes for a number, such as 1_0."""
    if isinstance(given, str) and not re.fullmatch("-?[0-9]{1,20}", given):
        raise ValueError("must be a whole number, in digits alone")
    return given


def _plain_choice(given: Any) -> Any:
    """Refuse texts of a form that are neither true nor false, such as "on"."""
    if isinstance(given, str) and given.lower() not in {"true", "false", "1", "0"}:
        raise ValueError("must be true or false")
    return given


Number = Annotated[int, BeforeValidator(_plain_number)]
Choice = Annotated[bool, BeforeValidator(_plain_choice)]


class ImageBody(BaseModel):
    """What all ways to ask for pictures have in common; null is as good as nothing.

    Fields that are not here are passed over.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    prompt: str
    model: str | None = None
    n: Number | None = None
    size: str | None = None
    quality: str | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: Annotated[Number, Field(ge=0, le=100)] | None = None
    response_format: Literal["b64_json", "url"] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    stream: Choice | None = None

    @property
    def end_user(self) -> str | None:
        """Whom it is for: `user`, and where that is not said, what clients call it by now."""
        return self.user or self.safety_identifier or None


Body = TypeVar("Body", bound=BaseModel)


def parse_json(model: type[Body], limit: str = "max_request_bytes") -> Body:
    """Return the JSON body as `model`; `limit` is the setting that bounds it.

    Raises 400, 413, 415 or InvalidInput.
    """
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    body = read_body(limit)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise invalid(error) from error


def parse_texts(model: type[Body], fields: dict[str, str]) -> Body:
    """Return the fields of a form, where all are texts, as `model`. Raises InvalidInput."""
    try:
        return model.model_validate_strings(fields)
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> Exception:
    """Return what to raise for a body that does not fit: of its first fault."""
    found: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)
    fault = found[0]
    if fault["type"] == "json_invalid":
        return BadRequest("The body is not valid JSON.")
    field = ".".join(str(part) for part in fault["loc"])
    if not field:
        return InvalidInput('The body must be a JSON object, such as {"prompt": "A fox"}.')
    message = fault["msg"].removeprefix("Value error, ")
    return InvalidInput(f"{field}: {message}.", field=field)
