"""Which words and phrases prompts hold, by frequency. Words are those that search knows (search.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from itertools import pairwise
from string import ascii_lowercase
from typing import TypeVar

from app.models.search import SEPARATOR, is_by_character

# Words that tell nothing of what is to be seen; single letters are what apostrophes leave behind.
_STOP_WORDS = """
    a an and are as at be but by can for from had has have he her his i if in into is it its more no
    not of off on or our out over she so such than that the their them then there these they this
    those to under up very was we were what when where which while who will with you your
"""
STOP_WORDS = {*_STOP_WORDS.split(), *ascii_lowercase}
# Phrases are looked for among so many words at first, which mostly are enough to know the first ones.
_COMMON = 1_000
Frequency = tuple[str, int]
Item = TypeVar("Item", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Frequencies:
    """The words and the two-word phrases that occur most often, in prompts of a number."""

    words: list[Frequency]
    phrases: list[Frequency]
    prompts: int


def frequencies(texts: Sequence[str], limit: int) -> Frequencies:
    """Return the most frequent words and phrases of normalised texts; of as many, by their letters."""
    words = SEPARATOR.join(texts).split()
    counts = Counter(words)
    for word in [*STOP_WORDS, SEPARATOR.strip()]:
        del counts[word]
    return Frequencies(_first(counts, limit), _phrases(words, counts, limit), len(texts))


def _phrases(words: list[str], counts: Counter[str], limit: int) -> list[Frequency]:
    """Return the phrases of words that are counted, side by side in one text."""
    least = nlargest(_COMMON, counts.values())[-1] if counts else 0
    first = _among(words, [word for word, count in counts.items() if count >= least], limit)
    # No phrase is more frequent than either of its words.
    if least > 1 and (len(first) < limit or first[-1][1] < least):
        first = _among(words, list(counts), limit)
    return [(_shown(phrase), count) for phrase, count in first]


def _among(words: list[str], common: list[str], limit: int) -> list[tuple[tuple[str, str], int]]:
    """Return the most frequent pairs of neighbours that are both common."""
    number = {word: place for place, word in enumerate(common, start=1)}
    numbers = [number.get(word, 0) for word in words]
    # As one number: pairs take twice as long.
    base = len(common) + 1
    codes = Counter([one * base + other for one, other in pairwise(numbers)])
    pairs = {divmod(code, base): count for code, count in codes.items()}
    found = {
        (common[one - 1], common[other - 1]): count
        for (one, other), count in pairs.items()
        if one and other
    }
    return _first(found, limit)


def _shown(phrase: tuple[str, str]) -> str:
    return ("" if all(map(is_by_character, phrase)) else " ").join(phrase)


def _first(counts: Mapping[Item, int], limit: int) -> list[tuple[Item, int]]:
    return nsmallest(limit, counts.items(), key=lambda each: (-each[1], each[0]))
