"""PromptManager: substitution and nothing else, templates in versions, prompts cleaned once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import InvalidInput, InvalidPrompt, InvalidTemplate, NotFound
from app.extensions import db
from app.models import PromptTemplate
from app.models.prompt_manager import PromptManager, clean_prompt, placeholders, substitute
from config import Settings
from tests.models.samples import app_with

ATTACKS = [
    "{user_input.__class__}",
    "{user_input.__class__.__init__.__globals__}",
    "{user_input!r}",
    "{user_input:>10}",
    "{user_input[0]}",
    "{a[0]}",
    "{0}",
    "{}",
    "{ user_input }",
    "{user-input}",
    "{ümlaut}",
    "{user_input",
    "user_input}",
    "{{user_input}",
    "{{{user_input}}",
    "{user_input}}",
    "{\nuser_input}",
    "{user_input=}",
]


@pytest.fixture
def manager(settings_without_database: Settings) -> Iterator[PromptManager]:
    """A manager that needs no database, for prompts of at most 100 characters."""
    with app_with(settings_without_database, max_prompt_characters=100):
        yield PromptManager()


@pytest.fixture
def settings_without_database(instance: object) -> Settings:
    """Settings of an instance whose database is not made."""
    return Settings(instance=instance)


# Formatting


def test_the_default_template_is_the_words_themselves(manager: PromptManager) -> None:
    assert manager.format_prompt("A fox") == "A fox"


def test_the_default_template_can_be_another(manager: PromptManager) -> None:
    assert PromptManager("{user_input}, in oil").format_prompt("A fox") == "A fox, in oil"


@pytest.mark.parametrize(
    "words",
    ["{user_input}", "{", "}", "{{}}", "{0}", "{a.__class__}", "%s %(a)s", "$name", r"\1 \g<0>"],
)
def test_the_words_stay_as_they_are(manager: PromptManager, words: str) -> None:
    assert manager.format_prompt(words) == words
    assert substitute("<{user_input}>", words, {}) == f"<{words}>"
    assert substitute("{user_input}{a}", "x", {"a": words}) == f"x{words}"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{user_input} {user_input}", "fox fox"),
        ("{{{user_input}}}", "{fox}"),
        ("{{user_input}} is {user_input}", "{user_input} is fox"),
        ("No words at all", "No words at all"),
        ("", ""),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    assert substitute(template, "fox", {}) == expected


def test_variables_go_where_they_belong() -> None:
    filled = substitute(
        "{user_input} by {artist}, {_x1}", "fox", {"artist": "Marc", "_x1": "{_x1}"}
    )
    assert filled == "fox by Marc, {_x1}"


@pytest.mark.parametrize("template", ATTACKS)
def test_anything_but_a_plain_name_in_braces_is_refused(template: str) -> None:
    with pytest.raises(InvalidTemplate, match=r"begins no variable"):
        placeholders(template)
    with pytest.raises(InvalidTemplate):
        PromptManager(template)
    with pytest.raises(InvalidTemplate):
        substitute(template, "fox", {"a": "b", "0": "c"})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "missing: artist, year"),
        ({"artist": "Marc"}, "missing: year"),
        ({"artist": "Marc", "year": "1911", "mood": "blue"}, "unknown: mood"),
        ({"artist": "Marc", "age": "9"}, "missing: year, unknown: age"),
        ({"artist": "Marc", "year": "1911", "user_input": "a dog"}, "unknown: user_input"),
    ],
)
def test_variables_that_do_not_fit_are_named(variables: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidTemplate, match=message) as caught:
        substitute("{user_input} by {artist} in {year}", "fox", variables)
    assert caught.value.field == "variables"


def test_a_variable_for_the_default_template_is_unknown(manager: PromptManager) -> None:
    with pytest.raises(InvalidTemplate, match="unknown: mood"):
        manager.format_prompt("A fox", mood="blue")


def test_what_is_filled_in_is_cleaned_too(manager: PromptManager) -> None:
    with pytest.raises(InvalidPrompt, match="not text"):
        manager.fill("{user_input} {a}", "fox", {"a": "\0"})
    with pytest.raises(InvalidPrompt, match="101 characters"):
        manager.fill("{user_input}{a}", "f" * 50, {"a": "x" * 51})


def test_words_that_are_blank_stay_refused_in_a_template(manager: PromptManager) -> None:
    with pytest.raises(InvalidPrompt, match="blank"):
        manager.fill("{user_input}, in oil", "  ", {})


# Cleaning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A fox", "A fox"),
        ("  A fox \n", "A fox"),
        ("one\r\ntwo\rthree\nfour\r\n\r\nfive", "one\ntwo\nthree\nfour\n\nfive"),
        ("Füchslein 🦊 \u200f\u05e9\u05d5", "Füchslein 🦊 \u200f\u05e9\u05d5"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_a_prompt_is_cleaned_once(text: str, expected: str) -> None:
    assert clean_prompt(text, 100) == expected
    assert clean_prompt(expected, 100) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u2003"])
def test_a_blank_prompt_is_refused(text: str) -> None:
    with pytest.raises(InvalidPrompt, match="blank"):
        clean_prompt(text, 100)


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800b", "\udfff"])
def test_what_is_not_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidPrompt, match="not text") as caught:
        clean_prompt(text, 100)
    assert caught.value.field == "prompt"


def test_length_is_counted_in_characters() -> None:
    assert clean_prompt(" " + "🦊" * 10 + " ", 10) == "🦊" * 10
    with pytest.raises(InvalidPrompt, match="11 characters; 10 are allowed"):
        clean_prompt("🦊" * 11, 10)


def test_the_limit_is_a_setting(manager: PromptManager) -> None:
    assert manager.format_prompt("a" * 100)
    with pytest.raises(InvalidPrompt, match="101 characters; 100 are allowed"):
        manager.format_prompt("a" * 101)


# Named templates


def test_a_named_template_is_filled(context: Flask) -> None:
    PromptManager().save_template("oil", "{user_input}, {colour} oil")
    assert PromptManager().format_prompt("A fox", "oil", colour="red") == "A fox, red oil"


def test_the_newest_version_is_the_one_in_use(context: Flask) -> None:
    manager = PromptManager()
    versions = [manager.save_template("oil", f"{{user_input}} {n}").version for n in range(3)]
    assert versions == [1, 2, 3]
    assert manager.format_prompt("A fox", "oil") == "A fox 2"
    kept = db.session.scalars(select(PromptTemplate.text).order_by(PromptTemplate.version))
    assert kept.all() == ["{user_input} 0", "{user_input} 1", "{user_input} 2"]


def test_templates_are_listed_by_name_in_their_newest_version(context: Flask) -> None:
    manager = PromptManager()
    assert manager.list_templates() == []
    for name in ("oil", "ink", "oil"):
        manager.save_template(name, "{user_input}")
    listed = [(row.name, row.version) for row in manager.list_templates()]
    assert listed == [("ink", 1), ("oil", 2)]


def test_a_template_that_is_not_there_is_not_found(context: Flask) -> None:
    PromptManager().save_template("Oil", "{user_input}")
    for name in ("oil", "OIL", "a\0b", "\ud800", "x" * 5000, "' OR 1=1"):
        with pytest.raises(NotFound, match="no template"):
            PromptManager().format_prompt("A fox", name)


def test_a_name_of_plain_characters_is_kept(context: Flask) -> None:
    for name in ("a", "A.b-c_1", "9", "x" * 64):
        PromptManager().save_template(name, "{user_input}")
        assert PromptManager().get_template(name).name == name


@pytest.mark.parametrize("name", ["", "x" * 65, "-a", ".", "a b", "a/b", "é", "a\n", "a\0"])
def test_another_name_is_refused(manager: PromptManager, name: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        manager.save_template(name, "{user_input}")
    assert caught.value.field == "name"


@pytest.mark.parametrize("text", ["", "no words", "{{user_input}}", "{other}", *ATTACKS])
def test_a_text_that_cannot_be_filled_is_refused(manager: PromptManager, text: str) -> None:
    with pytest.raises(InvalidInput):
        manager.save_template("oil", text)


@pytest.mark.parametrize("text", ["{user_input}\0", "{user_input}\ud800"])
def test_a_text_that_could_never_be_sent_is_refused(manager: PromptManager, text: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        manager.save_template("oil", text)
    assert caught.value.field == "text"


def test_a_version_is_there_only_once(context: Flask) -> None:
    PromptManager().save_template("oil", "{user_input}")
    db.session.add(PromptTemplate(name="oil", version=1, text="{user_input}"))
    with pytest.raises(IntegrityError):
        db.session.flush()
