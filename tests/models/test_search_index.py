"""The index says what the oracle says, on both databases, page by page."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Image
from app.models.search import compose, labels, matches, parse
from app.models.search_index import Count, add, add_many, count, find, rebuild, remove
from tests.models.samples import kept_image
from tests.models.test_search import SYNTAX, chance_of

VOCABULARY = [
    "a",
    "red",
    "fox",
    "Fox",
    "foxes",
    "in",
    "the",
    "deep",
    "snow",
    "über",
    "Über",
    "straße",
    "STRASSE",
    "naïve",
    "Σίσυφος",
    "σισυφος",
    "ёлка",
    "狐",
    "狸",
    "狐狸",
    "東京",
    "京東",
    "ガラス",
    "여우",
    "여우가",
    "हिन्दी",
    "किताब",
    "👍",
    "❤️",
    "ﬁne",
    "don't",
    "well-known",
    "85mm",
    "3.5",
    "x",
]


@pytest.fixture
def texts(context: Flask) -> dict[int, str]:
    """300 indexed texts of a few words each, by position."""
    chance = chance_of(1)
    made = {}
    for number in range(300):
        parts = [chance.choices(VOCABULARY, k=chance.randrange(1, 9)) for _ in range(2)]
        made[number * 7 + 1] = compose(*(" ".join(part) for part in parts))
    add_many(made.items())
    db.session.commit()
    return made


def random_query(chance: random.Random) -> str:
    """Return a query of words, beginnings, phrases and minuses, some of them not in any text."""
    terms = []
    for _ in range(chance.choice([1, 1, 2, 2, 3])):
        picked = chance.choices([*VOCABULARY, "absent"], k=chance.choice([1, 1, 1, 2]))
        word = " ".join(picked)
        word = word[: chance.randrange(1, 5)] if chance.random() < 0.3 else word
        terms.append(
            chance.choice(["", "", "-"]) + chance.choice(["{}", '"{}"', '"{}']).format(word)
        )
    return " ".join(terms) + chance.choice(["", " "])


def expected(texts: dict[int, str], query: str) -> list[int]:
    return sorted((at for at, each in texts.items() if matches(parse(query), each)), reverse=True)


def everything(query: str, *, oldest_first: bool = False, **options: Any) -> list[int]:
    """Return what all pages of a query hold, one after the other."""
    positions: list[int] = []
    edge: Any = None
    while True:
        bounds: dict[str, Any] = {"after" if oldest_first else "before": edge}
        found = find(parse(query), oldest_first=oldest_first, **bounds, **options)
        assert len(found.positions) <= options["limit"]
        positions += found.positions
        if found.scanned_to is None:
            return positions
        assert edge is None or (found.scanned_to > edge) is oldest_first
        edge = found.scanned_to


def test_the_index_says_what_the_oracle_says(texts: dict[int, str]) -> None:
    chance = chance_of(2)
    for query in [random_query(chance) for _ in range(300)]:
        assert find(parse(query), limit=300).positions == expected(texts, query), query


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("scan", [3, 40])
def test_pages_give_every_match_once_and_in_order(
    texts: dict[int, str], scan: int, oldest_first: bool
) -> None:
    chance = chance_of(scan)
    for query in [random_query(chance) for _ in range(25)]:
        wanted = expected(texts, query)[:: -1 if oldest_first else 1]
        assert everything(query, limit=7, scan=scan, oldest_first=oldest_first) == wanted, query


def test_a_blank_query_finds_all(texts: dict[int, str]) -> None:
    assert everything(" ", limit=100) == sorted(texts, reverse=True)


def test_a_page_lies_strictly_between_its_bounds(texts: dict[int, str]) -> None:
    wanted = expected(texts, "fox")
    newest, oldest = wanted[2], wanted[-3]
    found = find(parse("fox"), before=newest, after=oldest, limit=300)
    assert found.positions == wanted[3:-3]
    up = find(parse("fox"), before=newest, after=oldest, limit=2, oldest_first=True)
    assert up.positions == wanted[-4:-6:-1]


@pytest.mark.parametrize("query", ["-absent -fox", '"absent a"', "-fox", '"fox fox fox"', '-"a a"'])
def test_a_call_looks_through_a_bounded_number_of_rows(context: Flask, query: str) -> None:
    add_many((number, "fox absent fox | a a") for number in range(100))
    first = find(parse(query), limit=5, scan=10)
    assert first.positions == []
    assert first.scanned_to is not None
    assert first.scanned_to >= 80  # PostgreSQL: as many again by the index
    assert everything(query, limit=5, scan=10) == []


def test_a_full_page_ends_at_its_last_row(context: Flask) -> None:
    add_many((number, "fox") for number in range(10))
    assert find(parse("fox"), limit=4).positions == [9, 8, 7, 6]
    assert find(parse("fox"), limit=4).scanned_to == 6
    assert find(parse("fox"), limit=10).scanned_to == 0
    assert find(parse("fox"), limit=11).scanned_to is None


def test_words_that_are_taken_out_are_found_no_more(texts: dict[int, str]) -> None:
    gone = set(expected(texts, '"deep snow"')) | {1, 8}
    remove([*gone, 999_999])
    left = {position: kept for position, kept in texts.items() if position not in gone}
    for query in ["snow", "s", "-snow", "fox ", '"deep snow"']:
        assert find(parse(query), limit=300).positions == expected(left, query)
    remove(texts)
    assert find(parse("fox"), limit=1).positions == []


def test_words_taken_out_can_be_put_in_again(context: Flask) -> None:
    add(5, "red fox")
    remove([5])
    add(5, "blue fox")
    assert find(parse("red"), limit=9).positions == []
    assert find(parse("blue"), limit=9).positions == [5]
    with pytest.raises(IntegrityError):
        add(5, "again")


def test_what_is_undone_is_not_found(context: Flask) -> None:
    add(1, "red fox")
    db.session.commit()
    add(2, "blue fox")
    remove([1])
    db.session.rollback()
    assert find(parse("fox"), limit=9).positions == [1]
    assert find(parse("red"), limit=9).positions == [1]


def test_an_index_that_is_written_anew_finds_the_same(texts: dict[int, str]) -> None:
    remove(expected(texts, "snow"))
    rebuild()
    db.session.commit()
    assert find(parse("snow"), limit=9).positions == []
    assert len(find(parse("fox"), limit=300).positions) > 50


def test_no_trace_of_removed_words_is_left_after_that(context: Flask) -> None:
    add(1, "xylophonist")
    add(2, "fox")
    remove([1])
    rebuild()
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        pages = db.session.scalars(text("SELECT block FROM search_words_data")).all()
        assert not any(b"xylo" in page for page in pages)


def test_phrases_do_not_reach_from_one_text_into_the_next(context: Flask) -> None:
    add(1, "red fox", "blue snow")
    for phrase in ['"fox blue"', '"snow red"', '"fox | blue"']:
        assert find(parse(phrase), limit=9).positions == []
    assert find(parse('"red fox" "blue snow"'), limit=9).positions == [1]


@pytest.mark.parametrize("query", [*SYNTAX, "fox " * 2_500, '"' + "fox " * 2_500, "-a " * 3_000])
def test_syntax_is_never_an_error(context: Flask, query: str) -> None:
    kept = {1: compose("a red fox"), 2: compose("near or and not"), 3: compose("drop table")}
    add_many(kept.items())
    assert find(parse(query), limit=9).positions == expected(kept, query)
    assert count(parse(query), 9) == Count(len(expected(kept, query)), exact=True)


def test_a_whole_prompt_finds_itself(context: Flask) -> None:
    prompt = " ".join(f"word{number} an über-{number}" for number in range(700))
    add(1, prompt)
    add(2, prompt.replace("word3", "sword3"))
    assert find(parse(prompt), limit=9).positions == [1]
    assert find(parse(f'"{prompt}"'), limit=9).positions == [1]


def test_very_long_texts_can_be_kept(context: Flask) -> None:
    add(1, "x" * 100_000, "".join(chr(0x20000 + number) for number in range(40_000)))
    add(2, " ".join(f"{number:060}" for number in range(5_000)))
    assert find(parse("\U00020010\U00020011 "), limit=9).positions == [1]
    assert find(parse(f"{7:060}"), limit=9).positions == [2]


def test_labels_are_looked_for_with_the_words(context: Flask) -> None:
    for number in range(20):
        model = "rare" if number % 7 == 3 else "usual"
        add(number, "red fox", labels=labels(model=model, source="generated"))
    search = partial(find, limit=9, labels=labels(model="rare"))
    assert search(parse("fox")).positions == [17, 10, 3]
    assert search(parse("-fox")).positions == []
    assert search(parse("")).positions == [17, 10, 3]
    assert find(parse("fox"), limit=9, labels=labels(model="none")).positions == []
    assert count(parse("fox"), 9, labels=labels(model="rare")) == Count(3, exact=True)


@pytest.mark.parametrize("scan", [2, 5_000])
@pytest.mark.parametrize("query", ["fox", '"red fox"', "-cat", "fox -snow", ""])
def test_conditions_on_the_image_hold(context: Flask, query: str, scan: int) -> None:
    images = [kept_image(f"A red fox {number}") for number in range(6)]
    for number, image in enumerate(images):
        image.favourite = number % 2 == 0
    db.session.commit()
    wanted = [images[number].position for number in (4, 2, 0)]
    assert everything(query, limit=2, scan=scan, conditions=[Image.favourite]) == wanted
    assert count(parse(query), 9, conditions=[Image.favourite]) == Count(3, exact=True)


def test_counts_stop_at_their_cap(texts: dict[int, str]) -> None:
    for query in ["fox", '"red fox"', "-fox", "", "absent"]:
        number = len(expected(texts, query))
        assert count(parse(query), 300) == Count(number, exact=True)
        assert count(parse(query), number) == Count(number, exact=True)
        if number > 2:
            assert count(parse(query), 2) == Count(2, exact=False)


def test_counts_keep_to_the_bounds(texts: dict[int, str]) -> None:
    wanted = [at for at in expected(texts, "fox") if 500 < at < 1_500]
    assert count(parse("fox"), 300, before=1_500, after=500) == Count(len(wanted), exact=True)


def test_a_page_of_plain_words_is_one_statement(
    texts: dict[int, str], statements: list[str]
) -> None:
    find(parse("fox"), limit=5)
    assert len(statements) - statements.count("BEGIN") <= 1
