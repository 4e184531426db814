"""Where texts differ, word by word."""

from __future__ import annotations

import pytest

from app.services.word_diff import MOST_PAIRS, pieces


def marked(before: str, after: str) -> str:
    """Return the second text with [-what it lacks-] and [+what it has more+]."""
    marks = {"same": "{}", "missing": "[-{}-]", "added": "[+{}+]"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces(before, after))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("a red fox", "a red fox", "a red fox"),
        ("a red fox", "a blue fox", "a [-red -][+blue +]fox"),
        ("a fox", "a fox in snow", "a fox [+in snow+]"),
        ("a fox in snow", "a fox", "a fox[-in snow-]"),
        ("a fox, at dusk", "a fox at dusk", "a fox [-, -]at dusk"),
        ("don't", "don’t", "[-don't-][+don’t+]"),
        ("Fox", "fox", "[-Fox-][+fox+]"),
        ("", "", ""),
    ],
)
def test_what_was_added_and_what_is_missing_is_marked(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


def test_white_space_alone_is_no_difference() -> None:
    assert marked("a  red\nfox ", "a red fox") == "a red fox"


def test_of_scripts_without_spaces_the_letters_are_told_apart() -> None:
    assert marked("赤い狐", "青い狐") == "[-赤-][+青+]い狐"


def test_a_letter_keeps_the_marks_that_it_bears() -> None:
    assert marked("नीली लोमड़ी", "लाल लोमड़ी") == "[-नीली -][+लाल +]लोमड़ी"


@pytest.mark.parametrize("after", ["<b>x</b> fox", "\u202eevil fox", "a  b\n\nc ", "🦊🦊 ,, ?!"])
def test_the_second_text_is_there_to_the_letter(after: str) -> None:
    found = pieces("a quick fox, b c", after)
    assert "".join(piece.text for piece in found if piece.kind != "missing") == after


def test_texts_that_differ_by_very_much_are_told_as_wholes() -> None:
    before = " ".join(f"a{number}" for number in range(2_000))
    after = "x fox " + before.replace("a", "b") + " y fox"
    assert MOST_PAIRS < 2_000 * 2_000
    assert [piece.kind for piece in pieces(before, after)] == ["missing", "added"]


def test_a_change_in_a_very_long_text_is_still_told_by_itself() -> None:
    before = " ".join(f"a{number}" for number in range(2_000))
    assert [piece.kind for piece in pieces(before, before.replace("a999 ", "a fox "))] == [
        *("same", "missing", "added", "same")
    ]
