"""The provider's own words, made fit for ours: without the key, and as any reader of JSON takes them.

Whatever Gemini says passes here once, where it comes in; from then on it may be told and kept.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar, cast

SHORTEST_SECRET: Final = 8
_CUT: Final = "…"
# Nobody nests deeper what is to be read, and whoever writes it anew can go only so deep.
_DEEPEST: Final = 40
_LARGEST_NUMBER: Final = 2**63
_LONGEST_REASON: Final = 64
_Said = TypeVar("_Said")


def without(secret: str, said: _Said) -> _Said:
    """The same JSON with the secret cut out wherever it stands, and nothing that cannot be written.

    That is halves of letters, numbers without an end, and what is nested deeper than anybody reads.
    A secret of a few letters is a stand-in and part of many words: it stays.
    """
    return cast(_Said, _clean(secret if len(secret) >= SHORTEST_SECRET else "", said, _DEEPEST))


def reason_of(said: str) -> str:
    """The provider's word for why, as such words are ("IMAGE_SAFETY"); "" where it gives none."""
    if re.fullmatch(r"\w{1,64}", said, re.ASCII):
        return said
    word = re.sub(r"\W+", "_", said.strip(), flags=re.ASCII)[:_LONGEST_REASON].strip("_")
    return word or ("UNKNOWN" if said.strip() else "")


def _clean(secret: str, said: Any, deeper: int) -> Any:
    if isinstance(said, str):
        return _text(secret, said)
    if isinstance(said, dict | list) and not deeper:
        return None
    if isinstance(said, list):
        return [_clean(secret, each, deeper - 1) for each in said]
    if isinstance(said, dict):
        return {
            _text(secret, name): _clean(secret, each, deeper - 1) for name, each in said.items()
        }
    # `False` for NaN, too.
    return said if said is None or -_LARGEST_NUMBER < said < _LARGEST_NUMBER else None


def _text(secret: str, said: str) -> str:
    if not said.isascii():  # pictures are, and those are long
        said = said.encode("utf-8", "replace").decode()
    return said.replace(secret, _CUT) if secret else said
