"""Prompts as people write them down: one a line, or as CSV; and what they leave to their batch."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from app.errors import InvalidInput
from app.services.generation_request import GenerationRequest

# What is asked for of one prompt, by the names of GenerationRequest; what is left out or None is as
# the batch has it.
Asked = Mapping[str, Any]
Item = TypeVar("Item")
TEXTS = ("prompt", "model", "aspect_ratio", "size", "template", "project")
NUMBERS = ("n", "seed")
IMAGES = "input_images"
VARIABLE = re.compile(r"variables\.([A-Za-z_][A-Za-z0-9_]*)")
# Of one batch. What is read stops soon after: a text of more may be long.
MOST_PROMPTS = 10_000
DELIMITERS = (",", ";", "\t")  # the last two as some spreadsheets write it
COLUMNS = f"{', '.join((*TEXTS, *NUMBERS, IMAGES))}, variables.NAME"


def read_lines(text: str) -> list[Asked]:
    """Return one prompt for each line that is not blank; of too many, one too many."""
    lines = filter(str.strip, io.StringIO(text, newline=None))
    return [{"prompt": line} for line in _bounded(lines)]


def has_columns(text: str) -> bool:
    """Tell whether the first line names columns, as that of a CSV does."""
    first = text.partition("\n")[0]
    delimiter = next((each for each in DELIMITERS if each in first), None)
    if delimiter is None:
        return False
    try:
        _check_names([name.strip() for name in first.split(delimiter)])
    except InvalidInput:
        return False
    return True


def read_csv(text: str) -> list[Asked]:
    """Return one prompt for each row; the first one names the columns. Raises InvalidInput.

    They are the fields of a request; `variables.NAME` is a variable of the template, and
    `input_images` holds ids with spaces between. What is blank is left out. Of too many,
    one too many is returned.
    """
    first = text.partition("\n")[0]
    delimiter = next((each for each in DELIMITERS if each in first), ",")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(lines, [])]
        _check_names(names)
        rows = _bounded(row for row in lines if any(map(str.strip, row)))
    except csv.Error as error:
        raise InvalidInput(f"Line {lines.line_num:,} is no CSV: {error}.", field="body") from error
    return [_asked(number, names, row) for number, row in enumerate(rows)]


def decoded(data: bytes) -> str:
    """Return text, with or without a byte order mark. Raises InvalidInput when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("The text is not UTF-8. Save it as such.", field="body") from error


def to_requests(asked: Iterable[Asked], defaults: Asked | None = None) -> list[GenerationRequest]:
    """Return requests, with what they leave out from `defaults`; variables are put together."""
    common = _given(defaults or {})
    variables = common.pop("variables", {})
    return [
        GenerationRequest(
            **{**common, **own, "variables": {**variables, **own.get("variables", {})}}
        )
        for own in map(_given, asked)
    ]


def _bounded(items: Iterable[Item]) -> list[Item]:
    """Return as many as tell whether there are too many."""
    return list(islice(items, MOST_PROMPTS + 1))


def _given(asked: Asked) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _check_names(names: list[str]) -> None:
    if "prompt" not in names:
        raise InvalidInput(
            f"The first line names the columns, and one of them is prompt; there are {COLUMNS}.",
            field="body",
        )
    known = {*TEXTS, *NUMBERS, IMAGES}
    unknown = [name for name in names if name not in known and not VARIABLE.fullmatch(name)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if unknown:
        message = f"There is no column {unknown[0][:60]!r}; there are {COLUMNS}."
        raise InvalidInput(message, field="body")
    if twice:
        raise InvalidInput(f"The column {twice[0]!r} is there twice.", field="body")


def _asked(number: int, names: list[str], row: list[str]) -> Asked:
    if len(row) > len(names):
        raise InvalidInput(
            f"Prompt {number + 1:,}: the row has {len(row)} cells, but there are {len(names)} columns. "
            "Put quotes around text that holds the sign between columns.",
            field=f"prompts.{number}",
        )
    asked: dict[str, Any] = {"prompt": ""}
    variables: dict[str, str] = {}
    for name, value in zip(names, row, strict=False):
        if variable := VARIABLE.fullmatch(name):
            variables[variable[1]] = value
        elif value.strip():
            asked[name] = _value(number, name, value)
    return {**asked, "variables": variables}


def _value(number: int, name: str, text: str) -> Any:
    if name == "prompt":
        return text
    try:
        if name in NUMBERS:
            return int(text)
        return tuple(_ids(text)) if name == IMAGES else text.strip()
    except ValueError as error:
        expected = "ids with spaces between" if name == IMAGES else "a whole number"
        raise InvalidInput(
            f"Prompt {number + 1:,}: {name} is {expected}.", field=f"prompts.{number}.{name}"
        ) from error


def _ids(text: str) -> Iterator[int]:
    return map(int, text.split())
