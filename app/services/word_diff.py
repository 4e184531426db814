"""Where a text differs from another, word by word (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "missing"]

# A sign, a letter of a script that puts no space between words, or whatever stands together; with
# the space after it, so that two texts are not alike by their spaces alone.
_SIGNS = r""",.;:!?()\[\]{}<>"“”„«»、。\uff01\uff0c\uff1f"""
_ALONE = rf"[{_SIGNS}\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
_WORD = re.compile(rf"(?:{_ALONE}|(?:(?!{_ALONE})\S)+)\s*|\s+")
# Words of the one text times words of the other, without what both begin and end with. So the worst
# takes half a second; texts that differ by more are read one after the other anyway.
MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: as in the other one, added to it, or missing here though it was there."""

    kind: Kind
    text: str


def pieces(before: str, after: str) -> list[Piece]:
    """Return `after` in pieces, with those of `before` that it lacks at their places.

    What is the same and what is added give `after` again, to the letter. White space alone is no
    difference.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    return list(_joined(_walk(old, new)))


def _walk(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Yield the pieces; what both begin and end with needs no search."""
    old_keys, new_keys = _keys(old), _keys(new)
    begin = _common(old_keys, new_keys)
    end = _common(reversed(old_keys[begin:]), reversed(new_keys[begin:]))
    old_stop, new_stop = len(old) - end, len(new) - end
    yield from _same(new[:begin])
    between = slice(begin, old_stop), slice(begin, new_stop)
    for was, now in _changes(old_keys[between[0]], new_keys[between[1]]):
        lost, found = old[between[0]][was], new[between[1]][now]
        if old_keys[between[0]][was] == new_keys[between[1]][now]:
            yield from _same(found)
        else:
            yield Piece("missing", "".join(lost))
            yield Piece("added", "".join(found))
    yield from _same(new[new_stop:])


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[slice, slice]]:
    """Yield the stretches of both that belong together, the same or not."""
    if len(old) * len(new) > MOST_PAIRS:
        yield slice(None), slice(None)
        return
    # The longer one comes second: if that has 200 words, no search begins with one that is more than
    # a hundredth of them. Else two texts of a thousand times "a b" would take six seconds.
    if len(old) > len(new):
        yield from ((was, now) for now, was in _changes(new, old))
        return
    for _, i, j, k, m in SequenceMatcher(None, old, new).get_opcodes():
        yield slice(i, j), slice(k, m)


def _same(words: list[str]) -> Iterator[Piece]:
    yield Piece("same", "".join(words))


def _keys(words: Iterable[str]) -> list[str]:
    return [word.strip() for word in words]


def _common(old: Iterable[str], new: Iterable[str]) -> int:
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(found: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces without empty ones, neighbours of a kind as one."""
    last: Piece | None = None
    for piece in found:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
