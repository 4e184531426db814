"""What people type, what is kept, and what finds what. No database."""

from __future__ import annotations

import random
import unicodedata

import pytest

from app.models.search import (
    LONGEST_TEXT,
    LONGEST_WORD,
    MOST_TERMS,
    SearchQuery,
    Term,
    compose,
    labels,
    matches,
    normalise,
    parse,
)

# Text that would mean something to FTS5, to PostgreSQL's tsquery or to SQL.
SYNTAX = [
    *["AND", "fox OR", "NOT", "fox NEAR/2 red", "NEAR(a b)", "*", "fo*", "^fox", "text:fox", "-"],
    *["(fox", "fox)", '"', '""', '"fox', "a & b", "a | b", "!", "!fox", "a <-> b", "a <2> b", ":*"],
    *[
        "\\",
        "\\'",
        "'",
        "''; DROP TABLE images; --",
        "%",
        "_",
        "fox\0red",
        "\ud800",
        "{fox}",
        "a+b",
    ],
    *[
        "--",
        "- -",
        '-"',
        '-""',
        "-(",
        "·model",
        "\u202efox",
        "\N{COMBINING ACUTE ACCENT}",
        "?",
        ":a",
    ],
]

# All of the alphabets, and a sample of the rest: all million took eight seconds, with nothing found.
CODEPOINTS = [*range(0x3400), *range(0x3400, 0x110000, 61)]


def chance_of(seed: int) -> random.Random:
    """Return a source of the same random choices each time."""
    return random.Random(seed)  # noqa: S311 - nothing is kept secret by it


def words(*single: str) -> tuple[Term, ...]:
    return tuple(Term((word,)) for word in single)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("A  Red\tfox,\nrunning!", "a red fox running"),
        ("Crème Brûlée Ångström", "creme brulee angstrom"),
        ("cre\N{COMBINING GRAVE ACCENT}me", "creme"),
        ("Straße STRASSE", "strasse strasse"),
        ("\u0130stanbul \u0131sparta ISPARTA", "istanbul isparta isparta"),
        ("Łódź smørrebrød œuvre", "lodz smorrebrod oeuvre"),
        ("Ёлка ЁЛКА", "елка елка"),
        ("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ"),
        ("كِتَابٌ كتـاب أحمد ٣", "كتاب كتاب احمد 3"),
        ("שָׁלוֹם", "שלום"),
        ("狐狸 fox3狐", "狐 狸 fox3 狐"),
        ("ガｶﾞか\N{COMBINING KATAKANA-HIRAGANA VOICED SOUND MARK} か", "ガ ガ が か"),
        ("여우가 숲", "여 우 가 숲"),
        ("हिन्दी किताब", "हिन्दी किताब"),
        ("ภาพ", "ภ า พ"),
        ("\uff26\uff35\uff2c\uff2c\u3000ﬁne ½ ①", "full fine 1 2 1"),
        ("👍🏽👩\u200d🎨❤\ufe0ffox ✨", "👍 👩 🎨 ❤ fox ✨"),
        ("don't foo-bar a_b 3.5", "don t foo bar a b 3 5"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("a\0b\ud800c \ue000 <|>", "a b c"),
    ],
)
def test_words_are_the_same_however_they_are_written(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_what_is_normal_stays_as_it_is() -> None:
    for codepoint in CODEPOINTS:
        normal = normalise(f"x{chr(codepoint)}y")
        assert normalise(normal) == normal


def test_only_words_and_single_spaces_are_left() -> None:
    for codepoint in CODEPOINTS:
        normal = normalise(f"x{chr(codepoint)}y")
        assert all(word and is_word(word) for word in normal.split(" "))


def is_word(word: str) -> bool:
    """Tell whether there is nothing in a word that FTS5's `ascii` tokenizer would split at."""
    kinds = {unicodedata.category(each) for each in word}
    plain = all(each.isalnum() and not each.isupper() for each in word if each.isascii())
    return plain and all(kind[0] in "LNM" or kind == "So" for kind in kinds)


def test_plain_ascii_takes_a_shorter_way_to_the_same_words() -> None:
    for codepoint in range(128):
        text = f"A{chr(codepoint)}b 3{chr(codepoint)}"
        assert normalise(f"{text} é") == f"{normalise(text)} e"


def test_a_very_long_word_is_cut() -> None:
    assert normalise("x" * 5_000) == "x" * LONGEST_WORD
    assert matches(parse("x" * 5_000), normalise("X" * 3_000))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", SearchQuery()),
        (" \t\u3000", SearchQuery()),
        ("!? ...", SearchQuery()),
        ("red fox ", SearchQuery(words("red", "fox"))),
        ("red fo", SearchQuery((*words("red"), Term(("fo",), prefix=True)))),
        ("fox !", SearchQuery(words("fox"))),
        ("Fox FOX fox ", SearchQuery(words("fox"))),
        ('"red fox"', SearchQuery((Term(("red", "fox")),))),
        ("“Red fox”", SearchQuery((Term(("red", "fox")),))),
        ('a "red fo', SearchQuery((*words("a"), Term(("red", "fo"), prefix=True)))),
        ('"red fo ', SearchQuery((Term(("red", "fo")),))),
        ('"fo"', SearchQuery(words("fo"))),
        ('a"b c"d ', SearchQuery((*words("a"), Term(("b", "c")), *words("d")))),
        ("-snow", SearchQuery((), words("snow"))),
        (
            'fox -snow -"deep ice" ',
            SearchQuery(words("fox"), (*words("snow"), Term(("deep", "ice")))),
        ),
        ('fox -"deep ic', SearchQuery(words("fox"), (Term(("deep", "ic")),))),
        ("fox --ar 16:9 ", SearchQuery((*words("fox", "ar"), Term(("16", "9"))))),
        ("fox - snow ", SearchQuery(words("fox", "snow"))),
        ("well-known ", SearchQuery((Term(("well", "known")),))),
        ("don't", SearchQuery((Term(("don", "t"), prefix=True),))),
        ("狐狸 ", SearchQuery((Term(("狐", "狸")),))),
    ],
)
def test_a_query_means_what_it_seems_to(text: str, query: SearchQuery) -> None:
    assert parse(text) == query


def test_a_query_without_words_finds_everything() -> None:
    assert parse(' -- "" ').blank
    assert matches(parse(""), "a red fox")
    assert not parse("-fox").blank


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fox red ", True),
        ("fo", True),
        ("fo ", False),
        ('"fo"', False),
        ("ox", False),
        ('"red fox"', True),
        ('"fox red"', False),
        ('"a red"', True),
        ("fox -snow", False),
        ("fox -sno", True),
        ('fox -"snow deep"', True),
        ('-"deep snow"', False),
        ("-cat", True),
    ],
)
def test_a_text_is_found_by_what_it_holds(text: str, found: bool) -> None:
    assert matches(parse(text), normalise("A red fox in deep snow")) is found


@pytest.mark.parametrize("text", SYNTAX)
def test_syntax_is_nothing_but_words(text: str) -> None:
    query = parse(text)
    for term in (*query.required, *query.excluded):
        assert all(is_word(word) for word in term.words)


def test_any_text_at_all_is_a_query() -> None:
    chance = chance_of(3)
    for _ in range(2_000):
        text = "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(9)))
        parse(chance.choice(['"', "-", '-"', ""]) + text)
    assert len(parse("fox and " * 1_250 + "x y z " * 9).required) == 5
    assert len(parse(" ".join(map(str, range(2_000)))).required) == MOST_TERMS


def test_texts_are_kept_apart() -> None:
    kept = compose("red fox", "blue snow")
    assert matches(parse('"blue snow" "red fox" blue red '), kept)
    assert not matches(parse('"fox blue"'), kept)
    assert not matches(parse('"snow red"'), kept)
    assert not matches(parse("|"), "") or parse("|").blank


def test_a_text_within_another_is_kept_once() -> None:
    assert compose("A fox", "a FOX, painted", "a fox") == "a fox painted"
    assert compose("ox", "fox") == "fox | ox"
    assert compose("", "!") == ""


def test_a_very_long_text_is_cut_between_words_and_keeps_its_labels() -> None:
    kept = compose("abc " * LONGEST_TEXT, labels=labels(model="m"))
    assert len(kept) <= LONGEST_TEXT + 30
    assert set(kept.split()) == {"abc", "|", *labels(model="m")}


def test_nobody_can_type_a_label() -> None:
    (label,) = labels(model="gemini 2.5", project=None)
    assert parse(f'{label} "{label}').required != words(label)
    assert not matches(parse(label), compose("fox", labels=(label,)))
    values = ["x", "X", "x x", "x-x", "x20x", "x·x", "x·20·x", "", "é"]
    made = {labels(a=value) for value in values} | {labels(ax="") + labels(b="x")}
    assert len(made) == len(values) + 1
