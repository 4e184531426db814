"""From what people type to what is looked for; and the oracle that tells whether a text is found.

Both databases index the same normalised text, made here: their own tokenizers disagree on about a
quarter of the queries that are not plain English. Pure: no database is known here.

What a query may hold:
    red fox         both words, in any order; the last one may go on, as one is still typing it
    "red fox"       the words side by side and in order
    -snow           not this word; -"deep snow": not this phrase
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# Between texts that are kept as one: phrases hold no such sign, so none can reach across.
SEPARATOR = " | "
# Begins a label, and nothing that can be typed: it is a space to `normalise`, yet no separator to
# FTS5, whose `ascii` tokenizer takes all that is not ASCII for letters.
_LABEL = "·"
# PostgreSQL refuses words of more than 2,046 bytes and indexes of more than 1 MB a row.
LONGEST_WORD = 64
LONGEST_TEXT = 100_000
# A prompt that is pasted as a query is told from all others by far fewer words; SQLite refuses
# conditions nested a thousand deep.
MOST_TERMS = 64

_NOT_PLAIN = re.compile("[^a-z0-9]")
# Letters that Unicode does not take apart, and whoever has no such key types without the stroke.
_STROKES = {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe"}
# Combining classes of marks that are no accents: vowels of Indic scripts, Thai, Lao and Tibetan,
# the voicing of kana (8, が is not か), viramas (9). The rest are accents and pointing.
_VOWELS = {0, 8, 9, 84, 91, 103, 118, 129, 130, 132}
# Scripts without spaces between words, and Hangul, whose particles cling to their nouns: Thai, Lao,
# Myanmar, Hangul, Khmer, radicals, ideographic signs, kana, Bopomofo, Han, Yi, rarer Han and kana.
_BY_CHARACTER = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u303f"
    "\u3040-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U00016fe0-\U00018dff\U0001aff0-\U0001b2ff\U00020000-\U0003ffff]"
)
# Marks that only choose a glyph, and inherent vowels.
_UNSEEN = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»\uff02", '"'))
# A minus counts before a word only, and alone: "--ar 16:9" in a pasted prompt excludes nothing.
_TERM = re.compile(r'(?P<minus>-(?=[^\s-]))?(?:"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand side by side; the last may be the beginning of one if `prefix`.

    What looks like one word can be many: "don't" and 狐狸 are two.
    """

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def needle(self) -> str:
        """What to look for in a normalised text that has a space at either end."""
        return f" {' '.join(self.words)}" + ("" if self.prefix else " ")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for, normalised once. Without any terms it finds everything."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()

    @property
    def blank(self) -> bool:
        """Tell whether everything matches."""
        return not self.required and not self.excluded


def normalise(text: str) -> str:
    """Return the words of `text` with one space between them, without case and accents.

    Letters and digits of any script are words, and each emoji is one. The result holds nothing that
    any query language takes for syntax.
    """
    if text.isascii():  # the common case in half the time, with the same result
        return _join(re.sub("[^a-z0-9]+", " ", text.lower()))
    text = _without_accents(_without_accents(text).casefold())
    # NFC puts the parts of kana and Hangul together again, which are counted by character.
    return _join(unicodedata.normalize("NFC", text).translate(_SPLIT))


def labels(**values: str | None) -> tuple[str, ...]:
    """Return a word for each value that is not None, such as `model="sketch-1"`.

    Nobody can type such words. Kept with a text and looked for with others, they find what is rare
    among what is common: a condition would have to be checked on row after row.
    """
    return tuple(
        f"{_LABEL}{kind}{_LABEL}{_NOT_PLAIN.sub(_spelt, value)}"
        for kind, value in values.items()
        if value is not None
    )


def compose(*texts: str, labels: tuple[str, ...] = ()) -> str:
    """Return what is kept of one image: its texts, normalised, and its labels.

    A text that lies within another is left out, as the user's own words mostly do within the final
    prompt: all that finds it finds the other.
    """
    parts: list[str] = []
    for part in sorted(map(normalise, texts), key=len, reverse=True):
        if part and not any(f" {part} " in f" {kept} " for kept in parts):
            parts.append(part)
    # Cut between words, and before the labels, which must stay whole.
    found = f"{SEPARATOR.join(parts)} "[: LONGEST_TEXT + 1].rpartition(" ")[0]
    return SEPARATOR.join(filter(None, [found, " ".join(labels)]))


def parse(user_text: str) -> SearchQuery:
    """Return what `user_text` looks for. Nothing is an error: what makes no sense is left out."""
    text = user_text.translate(_QUOTES)
    required: dict[Term, None] = {}
    excluded: dict[Term, None] = {}
    for found in _TERM.finditer(text):
        term = _term(found, is_last=found.end() == len(text))
        if term and len(required) + len(excluded) < MOST_TERMS:
            (excluded if found["minus"] else required)[term] = None
    return SearchQuery(tuple(required), tuple(excluded))


def matches(query: SearchQuery, normalised_text: str) -> bool:
    """Tell whether a text from `normalise` or `compose` is found. The index must say the same."""
    padded = f" {normalised_text} "
    return all(term.needle in padded for term in query.required) and not any(
        term.needle in padded for term in query.excluded
    )


def is_by_character(word: str) -> bool:
    """Tell whether a normalised word is of a script in which each character is one."""
    return bool(_BY_CHARACTER.match(word))


def _term(found: re.Match[str], is_last: bool) -> Term | None:
    words = tuple(normalise(found["word"] or found["phrase"] or "").split())
    # A word that is excluded counts when it is complete: else "-s" would empty the page on the way
    # to "-snow". A phrase goes on until it is closed, and any word until a space follows.
    typing = is_last and not found["closed"] and not found.string[-1].isspace()
    return Term(words, prefix=typing and not found["minus"]) if words else None


def _spelt(character: re.Match[str]) -> str:
    """Return a character as its number: a label is one word, and no two values share one."""
    return f"{_LABEL}{ord(character.group()):x}{_LABEL}"


def _join(text: str) -> str:
    return " ".join(word[:LONGEST_WORD] for word in text.split())


def _without_accents(text: str) -> str:
    return unicodedata.normalize("NFKD", text).translate(_STRIP)


def _strip(character: str) -> str:
    """Return a character of decomposed text, or nothing for an accent or what is not seen."""
    kind = unicodedata.category(character)
    if kind[0] == "M":
        vowel = unicodedata.combining(character) in _VOWELS
        return character if vowel and kind != "Me" and not _UNSEEN.match(character) else ""
    if (
        kind == "Cf" or character == "\u0640"
    ):  # joiners and soft hyphens; the stretch of Arabic lines
        return ""
    return _STROKES.get(character, character)


def _split(character: str) -> str:
    """Return a character as part of a word, as a word of its own, or as a space."""
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))  # ٣ is 3
    if kind == "So" or (kind[0] in "LNM" and _BY_CHARACTER.match(character)):
        return f" {character} "
    return character if kind[0] in "LNM" else " "


class _Table(dict[int, str]):
    """What `str.translate` takes: a function, asked once for each of the first 8,192 characters."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, codepoint: int) -> str:
        result = self._function(chr(codepoint))
        if len(self) < 8192:  # noqa: PLR2004 - more than any user's alphabets; bounds the memory
            self[codepoint] = result
        return result


_STRIP = _Table(_strip)
_SPLIT = _Table(_split)
