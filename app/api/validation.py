"""From a request to checked values: JSON bodies and query strings against pydantic models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, TypeVar, get_origin

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.errors import ProofsheetError
from app.request_body import read_body, read_form

Model = TypeVar("Model", bound=BaseModel)
# Of ten thousand things that are wrong.
MOST_TOLD = 100


class Strict(BaseModel):
    """What a caller sends: unknown fields are errors, so that a typo never goes unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InvalidFields(ProofsheetError):
    """Fields that do not fit; `errors` holds each with its message."""

    code = "invalid_input"

    def __init__(self, errors: list[dict[str, str]]) -> None:
        summary = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
        super().__init__(summary)
        self.errors = errors


def parse_body(
    model: type[Model], texts: Collection[str] = (), limit: str = "max_request_bytes"
) -> Model | bytes:
    """Return the JSON body as `model`, or as it came where it is one of the media types `texts`.

    `limit` is the setting that bounds it. Raises 413, 415, 400
    (not JSON) or InvalidFields.
    """
    if not request.is_json and request.mimetype not in texts:
        others = f" Or one of {', '.join(texts)}." if texts else ""
        raise UnsupportedMediaType(f"Send JSON, with Content-Type: application/json.{others}")
    body = read_body(limit)
    if request.mimetype in texts:
        return body
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_input=False)):
            raise BadRequest("The body is not valid JSON.") from error
        raise InvalidFields(_fields(error)) from error


def parse_form(model: type[Model]) -> Model:
    """Return a multipart form, its files included, as `model`. Raises 413, 415 or InvalidFields."""
    texts, files = read_form()
    given: dict[str, list[Any]] = {
        **texts.to_dict(flat=False),
        **files.to_dict(flat=False),
    }
    return checked(model, given)


def parse_query(model: type[Model]) -> Model:
    """Return the query string as `model`. Raises InvalidFields."""
    return checked(model, request.args.to_dict(flat=False))


def checked(model: type[Model], given: Mapping[str, list[Any]]) -> Model:
    """Return the parameters of a query or the fields of a form, each a list of its values, as `model`.

    Raises InvalidFields, also for one that is given twice and may not be.
    """
    many = _lists_of(model)
    repeated = [name for name, values in given.items() if len(values) != 1 and name not in many]
    if repeated:
        raise InvalidFields([{"field": name, "message": "give it once"} for name in repeated])
    try:
        return model.model_validate(
            {name: values if name in many else values[0] for name, values in given.items()}
        )
    except ValidationError as error:
        raise InvalidFields(_fields(error)) from error


@cache
def _lists_of(model: type[BaseModel]) -> frozenset[str]:
    """Return the parameters that may be given more than once."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if get_origin(field.annotation) is tuple)


def _fields(error: ValidationError) -> list[dict[str, str]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        {
            "field": ".".join(str(part) for part in each["loc"]) or "body",
            "message": each["msg"].removeprefix("Value error, "),
        }
        for each in found[:MOST_TOLD]
    ]
