"""Past prompts for what somebody is typing: quick at any number, so from bounded numbers of rows.

Those that begin with it come first, then those that have its words somewhere; of each, those used
most come first, then those used last.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.errors import InvalidInput
from app.extensions import db
from app.models.past_prompt import LONGEST_BEGINNING, prompt_index
from app.models.prompt_row import PROMPTS, uses_at
from app.models.search import SearchQuery, Term, normalise

MOST = 20
# So many beginnings are looked through; where there are more, then the prompts that are used most.
BEGINNINGS = 2_000
_MOST_USED = 1_000
# Of those that have the words, so many that were used last, among so many rows.
_WITH_WORDS = 64
_SCAN = 2_000
_LONGEST_QUERY = 32  # words, those typed last
# No text goes on with this sign, which is the last there is by the order of bytes.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One past prompt."""

    id: int
    text: str
    uses: int
    last_used_at: datetime
    position: int


_ROWS = select(
    *(PROMPTS.c.id, PROMPTS.c.text, PROMPTS.c.uses),
    *(PROMPTS.c.last_used_at, PROMPTS.c.position),
)


def suggest(typed: str, limit: int = 8) -> list[Suggestion]:
    """Return up to `limit` prompts for what was typed; for nothing, the ones used last.

    Raises InvalidInput for a limit that is not 1 to MOST.
    """
    if not 1 <= limit <= MOST:
        raise InvalidInput(f"There are 1 to {MOST} suggestions.", field="limit")
    words = normalise(typed)
    if not words:
        return _read(_ROWS.order_by(PROMPTS.c.position.desc()).limit(limit))
    # After a space the last word is complete.
    complete = typed[-1].isspace()
    found = _begin_with(f"{words} " if complete else words, limit)
    if len(found) < limit:
        more = _have_words(words.split(), not complete, limit + len(found))
        found += [each for each in more if each not in found]
    return found[:limit]


def _begin_with(words: str, limit: int) -> list[Suggestion]:
    if len(words) <= LONGEST_BEGINNING:
        return _read_at(_by_beginning(words, limit))
    # All that is known to begin so, as far as that is kept, and of those what goes on like it.
    found = _read_at(_by_beginning(words[:LONGEST_BEGINNING], _WITH_WORDS))
    return [each for each in found if normalise(each.text).startswith(words)]


def _by_beginning(words: str, limit: int) -> list[tuple[int, int]]:
    """Return uses and positions of the prompts with this beginning, the best of them.

    Where there are too many to look at each, the best of those that are used most are among them.
    """
    uses, position, beginning = PROMPTS.c.uses, PROMPTS.c.position, PROMPTS.c.beginning
    begins = select(uses, position).where(*_between(beginning, words)).limit(BEGINNINGS)
    first = begins.cte("first").prefix_with("MATERIALIZED")
    number = select(func.count()).select_from(first).scalar_subquery().label("number")
    rows = db.session.execute(_best(select(first, number), first.c, limit)).all()
    places = {(row.uses, row.position) for row in rows}
    if rows and rows[0].number == BEGINNINGS:
        most_used = _best(select(uses, position, beginning), PROMPTS.c, _MOST_USED).subquery()
        among = select(most_used.c.uses, most_used.c.position)
        among = among.where(*_between(most_used.c.beginning, words))
        places |= {
            (row.uses, row.position) for row in db.session.execute(_best(among, most_used.c, limit))
        }
    return heapq.nlargest(limit, places)


def _have_words(words: list[str], prefix: bool, limit: int) -> list[Suggestion]:
    """Return the best of the prompts that have these words and were used last."""
    *others, last = words[-_LONGEST_QUERY:]
    terms = [*(Term((word,)) for word in dict.fromkeys(others)), Term((last,), prefix)]
    found = prompt_index.find(SearchQuery(tuple(terms)), limit=_WITH_WORDS, scan=_SCAN)
    return _read_at(heapq.nlargest(limit, uses_at(found.positions)))


def _between(column: ColumnElement[str], words: str) -> tuple[ColumnElement[bool], ...]:
    return column >= words, column < words + _LAST


def _best(query: Select[Any], columns: Any, limit: int) -> Select[Any]:
    return query.order_by(columns.uses.desc(), columns.position.desc()).limit(limit)


def _read_at(places: list[tuple[int, int]]) -> list[Suggestion]:
    """Return the prompts at these positions, each given with its uses, the best first."""
    positions = [position for _, position in places]
    found = _read(_ROWS.where(PROMPTS.c.position.in_(positions))) if positions else []
    return sorted(found, key=lambda each: (each.uses, each.position), reverse=True)


def _read(query: Select[Any]) -> list[Suggestion]:
    return [Suggestion(*row) for row in db.session.execute(query)]
