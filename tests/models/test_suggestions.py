"""Suggestions: what begins as was typed, then what has its words; the most used first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.errors import InvalidInput
from app.models import suggestions
from app.models.prompt_book import use_many
from app.models.suggestions import suggest
from tests.models.samples import ON_SQLITE

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# The oldest first, with their uses.
USED = {
    "A red fox": 1,
    "a red   FOX in snow": 3,
    "Foxes": 2,
    "A fox hunting": 2,
    "Crème brûlée": 1,
    "red panda": 1,
    "狐狸在雪中": 1,
}


@pytest.fixture
def used(context: Flask) -> None:
    """Some prompts, each a second after the other."""
    use_many(
        (words, NOON + number * SECOND)
        for number, (words, uses) in enumerate(USED.items())
        for _ in range(uses)
    )


def texts(typed: str, limit: int = 8) -> list[str]:
    return [each.text for each in suggest(typed, limit)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fox", ["Foxes", "a red   FOX in snow", "A fox hunting", "A red fox"]),
        ("fox ", ["a red   FOX in snow", "A fox hunting", "A red fox"]),
        ("A RED", ["a red   FOX in snow", "A red fox"]),
        ("red", ["red panda", "a red   FOX in snow", "A red fox"]),
        ("fox r", ["a red   FOX in snow", "A red fox"]),
        ("creme bru", ["Crème brûlée"]),
        ("狐", ["狐狸在雪中"]),
        ("雪", ["狐狸在雪中"]),
        ('"-fox', ["Foxes", "a red   FOX in snow", "A fox hunting", "A red fox"]),
        ("zebra", []),
        ("fox fox", ["a red   FOX in snow", "A fox hunting", "A red fox"]),
        ("foxes ", ["Foxes"]),
    ],
)
def test_beginnings_come_first_then_words(used: None, typed: str, expected: list[str]) -> None:
    assert texts(typed) == expected


@pytest.mark.parametrize("typed", ["", "  ", "!?"])
def test_for_nothing_the_ones_used_last_come(used: None, typed: str) -> None:
    assert texts(typed, 3) == ["狐狸在雪中", "red panda", "Crème brûlée"]


def test_there_are_as_many_as_asked_for_and_none_twice(used: None) -> None:
    assert texts("fox", 2) == ["Foxes", "a red   FOX in snow"]
    assert len(texts("a", 20)) == len(set(texts("a", 20))) == 3


def test_a_suggestion_tells_how_often_and_when_it_was_used_last(used: None) -> None:
    [found] = suggest("foxes")
    assert (found.uses, found.last_used_at) == (2, NOON + 2 * SECOND)


def test_what_is_longer_than_the_beginning_that_is_kept_is_told_apart(context: Flask) -> None:
    same = "a long row of words " * 4
    use_many([(f"{same}{end}", NOON) for end in ("one", "two", "twofold")])
    assert texts(f"{same}tw") == [f"{same}twofold", f"{same}two"]
    assert texts(f"{same}two ")[0] == f"{same}two"


def test_of_too_many_beginnings_the_most_used_is_among_the_first(context: Flask) -> None:
    number = suggestions.BEGINNINGS + 5
    uses = [(f"fox {each:05}", NOON + each * SECOND) for each in range(number)]
    use_many([*uses, (f"fox {number - 1:05}", NOON), *[("fox 00007", NOON)] * 2])
    assert texts("f", 2) == ["fox 00007", f"fox {number - 1:05}"]


def test_they_take_few_statements(used: None, statements: list[str]) -> None:
    suggest("fox")
    assert len(statements) <= 6


@ON_SQLITE
@pytest.mark.parametrize("limit", [0, 21])
def test_another_number_of_them_is_refused(context: Flask, limit: int) -> None:
    with pytest.raises(InvalidInput, match="1 to 20"):
        suggest("fox", limit)
