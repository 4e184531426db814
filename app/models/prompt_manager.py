"""PromptManager: from the user's words to the words that are sent.

Formatting is substitution and nothing else: a template is text with `{user_input}` and other plain
names in braces, `{{` and `}}` are literal braces, and nothing inside braces is ever evaluated. The
words put in are not looked at again, so braces in them stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import select

from app.errors import InvalidPrompt, InvalidTemplate, NotFound
from app.extensions import current_settings, db
from app.models.prompt_template import PromptTemplate

DEFAULT_TEMPLATE = "{user_input}"
USER_INPUT = "user_input"

_TOKEN = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Piece(NamedTuple):
    """A part of a filled template: its words, and the placeholder they stand for (None: its own)."""

    text: str
    name: str | None = None


class PromptManager:
    """Formats what is asked, and keeps the named templates for it."""

    def __init__(self, default_template: str = DEFAULT_TEMPLATE) -> None:
        """Take the template for prompts that name none. Raises InvalidTemplate."""
        placeholders(default_template)
        self.default_template = default_template

    def format_prompt(self, user_input: str, template: str | None = None, **variables: str) -> str:
        """Return the words to send: the template named `template`, filled.

        Raises InvalidPrompt for words that cannot be sent, NotFound for an unknown template and
        InvalidTemplate for a variable that is missing or unknown.
        """
        text = self.get_template(template).text if template else self.default_template
        return self.fill(text, user_input, variables)

    def fill(self, text: str, user_input: str, variables: dict[str, str]) -> str:
        """Return `text` with the cleaned words put in. Raises as `format_prompt`."""
        limit = current_settings().max_prompt_characters
        return clean_prompt(substitute(text, clean_prompt(user_input, limit), variables), limit)

    def get_template(self, name: str) -> PromptTemplate:
        """Return the newest version of a template. Raises NotFound."""
        found = None
        if _NAME.fullmatch(name):
            query = select(PromptTemplate).where(PromptTemplate.name == name)
            newest = query.order_by(PromptTemplate.version.desc()).limit(1)
            found = db.session.scalars(newest).first()
        if found is None:
            raise NotFound(
                f"There is no template {name[:64]!r}. `manage.py templates list` names them."
            )
        return found

    def list_templates(self) -> list[PromptTemplate]:
        """Return the newest version of every template, by name."""
        rows = db.session.scalars(
            select(PromptTemplate).order_by(PromptTemplate.name, PromptTemplate.version)
        )
        return list({row.name: row for row in rows}.values())

    def save_template(self, name: str, text: str) -> PromptTemplate:
        """Add and flush a new version of a template; earlier ones stay. Raises InvalidTemplate."""
        check_template(name, text)
        versions = select(PromptTemplate.version).where(PromptTemplate.name == name)
        newest = db.session.scalars(versions.order_by(PromptTemplate.version.desc())).first() or 0
        template = PromptTemplate(name=name, version=newest + 1, text=text)
        db.session.add(template)
        db.session.flush()
        return template


def check_template(name: str, text: str) -> None:
    """Raise InvalidTemplate for a name or a text that no template has."""
    if not _NAME.fullmatch(name):
        raise InvalidTemplate(
            "A template's name is 1 to 64 letters, digits, dots, dashes or underscores.",
            field="name",
        )
    if USER_INPUT not in placeholders(text):
        raise InvalidTemplate("A template needs {user_input} somewhere.", field="text")
    if not _is_text(text):
        raise InvalidTemplate("The template holds characters that are not text.", field="text")


def clean_prompt(text: str, max_characters: int) -> str:
    """Return a prompt with `\\n` line ends and no space around it; the one place where this is done.

    Raises InvalidPrompt when it is blank, too long, or holds what is not text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not _is_text(text):
        raise InvalidPrompt("The prompt holds characters that are not text.", field="prompt")
    if not text:
        raise InvalidPrompt("The prompt is blank: say what to draw.", field="prompt")
    if len(text) > max_characters:
        raise InvalidPrompt(
            f"The prompt has {len(text):,} characters; {max_characters:,} are allowed.",
            field="prompt",
        )
    return text


def _is_text(text: str) -> bool:
    """Tell whether both databases can keep it and it can be sent as UTF-8."""
    return "\0" not in text and not _SURROGATE.search(text)


def placeholders(template: str) -> set[str]:
    """Return the names in a template. Raises InvalidTemplate for any other use of braces."""
    names = set()
    for token in _TOKEN.finditer(template):
        if token.group() in {"{", "}"}:
            raise InvalidTemplate(
                f"Character {token.start() + 1} of the template begins no variable: write a plain "
                "name such as {user_input}, and double a brace to have it literally.",
                field="template",
            )
        if token.group(1):
            names.add(token.group(1))
    return names


def substitute(template: str, user_input: str, variables: dict[str, str]) -> str:
    """Return `template` filled. Raises InvalidTemplate for a missing or unknown variable."""
    values = {**variables, USER_INPUT: user_input}
    names = placeholders(template) | {USER_INPUT}
    if USER_INPUT in variables or values.keys() != names:
        raise InvalidTemplate(_misfit(variables, names - {USER_INPUT}), field="variables")

    return "".join(piece.text for piece in pieces(template, values))


def pieces(template: str, values: Mapping[str, str]) -> Iterator[Piece]:
    """Yield what a sound template is made of, in order, with `values` in the places of the names.

    A name without a value stays as it is written, braces and all.
    """
    end = 0
    for token in _TOKEN.finditer(template):
        if own := template[end : token.start()]:
            yield Piece(own)
        name = token.group(1)
        yield Piece(values.get(name, token.group()), name) if name else Piece(token.group()[0])
        end = token.end()
    if own := template[end:]:
        yield Piece(own)


def _misfit(variables: dict[str, str], wanted: set[str]) -> str:
    missing = ", ".join(sorted(wanted - variables.keys()))
    unknown = ", ".join(sorted(variables.keys() - wanted))
    parts = [f"missing: {missing}" if missing else "", f"unknown: {unknown}" if unknown else ""]
    return "The variables do not fit the template; " + ", ".join(filter(None, parts)) + "."
