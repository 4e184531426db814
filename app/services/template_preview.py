"""What a template's words would come to, told while they are still being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.errors import InvalidInput
from app.models.prompt_manager import (
    USER_INPUT,
    Piece,
    PromptManager,
    check_template,
    pieces,
    placeholders,
)
from app.services.templates import check_length

# Only the words count here; a name is looked at when the template is kept.
_ANY_NAME = "preview"


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """The words that would be sent, or what is wrong.

    `names` are the placeholders beside user_input, in the order in which they are first written, and
    `missing` are all that have no value yet: in `pieces` they stay as they are written. With a
    `problem`, in words that say what to do, there are no pieces.
    """

    pieces: list[Piece] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problem: str | None = None


def preview_template(text: str, user_input: str, variables: Mapping[str, str]) -> TemplatePreview:
    """Return what a text that may not be kept yet comes to; draws, keeps and raises nothing.

    What is blank counts as missing; a variable that the text does not name is left out.
    """
    values = {**variables, USER_INPUT: user_input.strip()}
    try:
        check_length(text)
        check_template(_ANY_NAME, text)
        names = names_in(text)
        given = {
            name: values[name] for name in [USER_INPUT, *names] if values.get(name, "").strip()
        }
        filled = {name: given.get(name, f"{{{name}}}") for name in [USER_INPUT, *names]}
        PromptManager().fill(text, filled.pop(USER_INPUT), filled)
    except InvalidInput as error:
        return TemplatePreview(problem=str(error))
    return TemplatePreview(
        pieces=list(pieces(text, given)),
        names=names,
        missing=[name for name in [USER_INPUT, *names] if name not in given],
    )


def names_in(text: str) -> list[str]:
    """Return the placeholders beside user_input, in the order in which they are first written.

    Raises InvalidTemplate.
    """
    named = dict.fromkeys(piece.name for piece in as_written(text) if piece.name)
    return [name for name in named if name != USER_INPUT]


def as_written(text: str) -> list[Piece]:
    """Return a template's own words with its placeholders apart. Raises InvalidTemplate."""
    placeholders(text)
    return list(pieces(text, {}))
