"""A request's JSON, read strictly, with every field under the one name that Google gives it."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from app.errors import InvalidInput

# The fields of each message, and what message each holds; None: it is handed on as it is.
FIELDS: Final[dict[str, dict[str, str | None]]] = {
    "request": {
        "contents": "content[]",
        "systemInstruction": "content",
        "safetySettings": "setting[]",
        "generationConfig": "config",
        "labels": None,
        "model": None,
    },
    "content": {"role": None, "parts": "part[]"},
    "part": {
        "text": None,
        "inlineData": "blob",
        "thought": None,
        "thoughtSignature": None,
        "mediaResolution": "resolution",
        "partMetadata": None,
    },
    "blob": {"mimeType": None, "data": None, "displayName": None},
    "resolution": {"level": None, "numTokens": None},
    "setting": {"category": None, "threshold": None},
}
# What leads out of the request, to what nobody here has seen and nobody could record; and what changes
# the price, so that budgets and reports would be wrong.
REFUSED: Final = {
    "tools": "Tools are not passed on: leave tools out.",
    "toolConfig": "Tools are not passed on: leave toolConfig out.",
    "cachedContent": "Caches are not passed on: send the contents themselves.",
    "serviceTier": "Tiers have other prices than the catalog's: leave serviceTier out.",
    "fileData": "Files are not fetched: send the picture itself as inlineData.",
    "functionCall": "Tools are not passed on: leave functionCall out.",
    "functionResponse": "Tools are not passed on: leave functionResponse out.",
    "executableCode": "Tools are not passed on: leave executableCode out.",
    "codeExecutionResult": "Tools are not passed on: leave codeExecutionResult out.",
}
# Below these, names are the caller's own.
SCHEMAS: Final = frozenset({"responseSchema", "responseJsonSchema"})
CONFIG: Final = "config"


def read(raw: bytes) -> dict[str, Any]:
    """Return the request with its names in camelCase, nulls left out. Raises InvalidInput.

    A field that is there twice, in the same or in the other spelling, is refused: whoever reads it
    next might take the other one.
    """
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_object, parse_constant=_no_number, parse_float=_float
        )
        return _message(value, "request", "")
    except (ValueError, RecursionError) as error:
        # Not UTF-8, no JSON, a number with thousands of digits, brackets in brackets without end.
        raise InvalidInput("The body is not valid JSON in UTF-8.") from error


def write(request: dict[str, Any]) -> bytes:
    """Return the request, as `read` gave it, as JSON. Raises InvalidInput for halves of letters."""
    try:
        return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidInput("A text holds half of a letter (a lone surrogate).") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidInput("A field is there twice in one object of the body.")
    return found


def _no_number(word: str) -> NoReturn:
    raise InvalidInput(f"{word} is no number in JSON.")


def _float(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise InvalidInput("A number of the body is too large.")
    return number


def _message(value: Any, kind: str, path: str) -> dict[str, Any]:
    fields = FIELDS[kind]
    found: dict[str, Any] = {}
    for name, item in _camelised(value, path).items():
        inner = f"{path}.{name}".lstrip(".")
        if name in REFUSED:
            raise InvalidInput(REFUSED[name], field=inner)
        if name not in fields:
            raise InvalidInput(
                f'Unknown name "{name[:100]}" at "{path[:200] or "the request"}": there is no such'
                " field, or it is not passed on here.",
                field=path,
            )
        found[name] = _value(item, fields[name], inner)
    return found


def _value(item: Any, kind: str | None, path: str) -> Any:
    if kind is None:
        return item
    if kind == CONFIG:
        return _config(_camelised(item, path), path)
    if not kind.endswith("[]"):
        return _message(item, kind, path)
    if not isinstance(item, list):
        raise InvalidInput(f"{path} must be a list.", field=path)
    return [
        _message(each, kind.removesuffix("[]"), f"{path}[{number}]")
        for number, each in enumerate(item)
    ]


def _config(value: Any, path: str) -> Any:
    """Give the names in a config their one spelling, however deep; what they say is not ours.

    What leads out of the request is refused here, too.
    """
    if isinstance(value, list):
        return [_config(each, path) for each in value]
    if not isinstance(value, dict):
        return value
    found = _camelised(value, path)
    for name in found.keys() & REFUSED.keys():
        raise InvalidInput(REFUSED[name], field=f"{path}.{name}")
    return {
        name: item if name in SCHEMAS else _config(item, f"{path}.{name}")
        for name, item in found.items()
    }


def _camelised(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{path or 'The body'} must be an object.", field=path or None)
    found: dict[str, Any] = {}
    for spelt, item in value.items():
        name = _camel(spelt)
        if name in found:
            raise InvalidInput(f"{path}.{name} is there twice, in two spellings.".lstrip("."))
        found[name] = item
    return {name: item for name, item in found.items() if item is not None}


def _camel(name: str) -> str:
    return re.sub(r"(?<=[A-Za-z0-9])_([a-z0-9])", lambda match: match[1].upper(), name)
