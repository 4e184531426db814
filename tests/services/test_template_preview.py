"""What a template that is being written would come to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.models.prompt_manager import PromptManager
from app.services.template_preview import as_written, names_in, preview_template
from config import Settings
from tests.models.samples import app_with

OIL = "{user_input} on {paper}, {{framed}} by {who}, on {paper}"


@pytest.fixture(autouse=True)
def context(instance: object) -> Iterator[None]:
    """An app without a database, for prompts of at most 100 characters."""
    with app_with(Settings(instance=instance), max_prompt_characters=100):
        yield


def test_the_pieces_are_the_words_that_would_be_sent() -> None:
    values = {"paper": "rough {paper}", "who": "<b>me</b>"}
    preview = preview_template(OIL, " a fox\r\n", values)
    sent = PromptManager().fill(OIL, " a fox\r\n", values)
    assert "".join(piece.text for piece in preview.pieces) == sent
    assert [piece.name for piece in preview.pieces if piece.name] == [
        *("user_input", "paper", "who", "paper"),
    ]
    assert (preview.names, preview.missing, preview.problem) == (["paper", "who"], [], None)


def test_what_has_no_value_yet_stays_as_it_is_written_and_is_named() -> None:
    preview = preview_template(OIL, " ", {"who": "me", "paper": " "})
    assert preview.missing == ["user_input", "paper"]
    assert preview.problem is None
    assert "".join(piece.text for piece in preview.pieces) == (
        "{user_input} on {paper}, {framed} by me, on {paper}"
    )


def test_a_variable_that_is_not_named_any_more_is_left_out() -> None:
    assert preview_template("{user_input}!", "Fox", {"paper": "rough"}).problem is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("In oil", r"needs \{user_input\}"),
        ("", r"needs \{user_input\}"),
        ("{user_input} {a b}", "Character 14 of the template begins no variable"),
        ("{user_input.__class__}", "Character 1 of the template begins no variable"),
        ("{user_input}\0", "characters that are not text"),
        ("{user_input}" + "a" * 90, "has 100 characters at the most"),
        ("{user_input}" + "a" * 88, "The prompt has 101 characters; 100 are allowed"),
    ],
)
def test_what_is_wrong_is_told_in_words(text: str, told: str) -> None:
    preview = preview_template(text, "an old fox...", {})
    assert re.search(told, preview.problem or "")
    assert preview.pieces == []


def test_placeholders_are_named_once_in_the_order_they_are_written() -> None:
    assert names_in(OIL) == ["paper", "who"]
    assert [piece.text for piece in as_written("a {{b}} {user_input}{c}")] == [
        *("a ", "{", "b", "}", " ", "{user_input}", "{c}"),
    ]
