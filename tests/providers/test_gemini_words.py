"""The provider's own words, made fit for ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.providers.gemini_words import reason_of, without

SECRET = "AIza-the-key-of-ours"


def test_the_key_is_cut_out_wherever_it_stands() -> None:
    said = {"a": f"x {SECRET} y", SECRET: [SECRET, {"b": SECRET}], "c": 1, "d": None, "e": True}
    told = without(SECRET, said)
    assert told == {"a": "x … y", "…": ["…", {"b": "…"}], "c": 1, "d": None, "e": True}


def test_a_stand_in_of_a_few_letters_stays() -> None:
    assert without("key", "the key") == "the key"


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf"), 10**400])
def test_what_nobody_can_write_is_not_told(value: Any) -> None:
    told = json.dumps(
        without(SECRET, {"a": [value], "b": "ä"}), ensure_ascii=False, allow_nan=False
    )
    assert json.loads(told.encode()) == {"a": ["?" if isinstance(value, str) else None], "b": "ä"}


def test_what_is_nested_beyond_all_sense_is_left_out() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    assert 0 < json.dumps(without(SECRET, deep)).count("[") < 100


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("IMAGE_SAFETY", "IMAGE_SAFETY"),
        ("", ""),
        (" ", ""),
        ("a key: …", "a_key"),
        ("ä?", "UNKNOWN"),
        ("X" * 500, "X" * 64),
    ],
)
def test_a_reason_is_one_word(said: str, reason: str) -> None:
    assert reason_of(said) == reason
