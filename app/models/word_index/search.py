"""One call to an index of words: what it asks, row by row where need be, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.models.search import LONGEST_WORD, SearchQuery, Term
from app.models.word_index.tables import IndexTables, on_sqlite

# More words than these narrow nothing down; the others are checked on the text.
_MOST_WORDS = 32


@dataclass(frozen=True, slots=True)
class Found:
    """Positions in the order asked for, and where to go on: None when that was all.

    A page may be short, even empty, and yet not the last: `scanned_to` is the next call's `before`
    (oldest first: its `after`) until it is None.
    """

    positions: list[int]
    scanned_to: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many were counted. Where that is not `exact`, there may be more."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a page lies, and in which direction it is read."""

    before: int | None
    after: int | None
    oldest_first: bool = False

    def within(self, position: ColumnElement[int]) -> ColumnElement[bool]:
        """Return the condition for a position to lie there."""
        lower = true() if self.after is None else position > self.after
        upper = true() if self.before is None else position < self.before
        return and_(lower, upper)

    def order(self, position: ColumnElement[int]) -> ColumnElement[int]:
        """Return the order. Positions are unique, so that no two rows can tie."""
        return position.asc() if self.oldest_first else position.desc()

    def beyond(self, position: int) -> Bounds:
        """Return what is left after `position`."""
        if self.oldest_first:
            return replace(self, after=position)
        return replace(self, before=position)


@dataclass(frozen=True, slots=True)
class Search:
    """What one call looks for: by the index as far as that can say, then row by row."""

    tables: IndexTables
    query: SearchQuery
    labels: tuple[str, ...]
    conditions: tuple[ColumnExpressionArgument[bool], ...]
    bounds: Bounds
    limit: int
    scan: int
    longest_prefix: int = LONGEST_WORD  # longer ones are cut when the index is asked

    @property
    def words(self) -> list[Term]:
        """The single words that the index is asked for: the labels, then the longest words."""
        single = {
            self._cut(Term((word,), term.prefix and number == len(term.words)))
            for term in self.query.required
            for number, word in enumerate(term.words, 1)
        }
        longest = sorted(single, key=lambda term: (-len(term.words[0]), term.words, term.prefix))
        return [*_as_terms(self.labels), *longest[:_MOST_WORDS]]

    @property
    def unsettled(self) -> tuple[list[Term], list[Term]]:
        """What the index cannot say: required and excluded terms to check on the text."""
        words = set(self.words)
        required = [term for term in self.query.required if term not in words]
        # With nothing required the index is not asked at all.
        excluded = [term for term in self.query.excluded if len(term.words) > 1 or not words]
        return required, excluded

    @property
    def checks(self) -> bool:
        """Tell whether rows that the index gives must be looked at once more."""
        return any(self.unsettled) or bool(self.conditions)

    def after(self, found: Found) -> Search:
        """Return the search for what is left after the rows that `found` looked through."""
        assert found.scanned_to is not None  # noqa: S101 - for the type checker
        bounds = self.bounds.beyond(found.scanned_to)
        return replace(self, bounds=bounds, limit=self.limit - len(found.positions))

    def _cut(self, word: Term) -> Term:
        return Term((word.words[0][: self.longest_prefix],), True) if word.prefix else word

    def candidates(self) -> Select[Any]:
        """Return the rows that the index gives, in no order, each with whether it fits.

        And whether it has the words: the conditions on its owner may be why it does not fit.
        """
        by_words = bool(self.words) and on_sqlite()
        rows = self.tables.words if by_words else self.tables.texts
        position = rows.c.rowid if by_words else rows.c.position
        has_words = and_(true(), *on_text(*self.unsettled, rows.c.text))
        fits = and_(has_words, *self.on_owner(position))
        shown = position.label("position"), has_words.label("has_words"), fits.label("fits")
        found = select(*shown)
        found = found.where(self.bounds.within(position))
        return found.where(self.indexed()) if self.words else found

    def indexed(self, vector: ColumnElement[Any] | None = None) -> ColumnElement[bool]:
        """Return what the index is asked, on PostgreSQL of the words in `vector`."""
        excluded = [term for term in self.query.excluded if len(term.words) == 1]
        if on_sqlite():
            query = _fts5(self.words, excluded)
            return literal_column(self.tables.words.name).bool_op("MATCH")(query)
        asked = self.tables.vector if vector is None else vector
        return asked.bool_op("@@")(cast(_tsquery(self.words, excluded), TSQUERY))

    def on_owner(self, position: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Return the conditions on the row (an image, a prompt) that owns `position`.

        As a value and not as a join, so that no planner begins with those rows and sorts them.
        """
        if not self.conditions:
            return []
        owner = self.tables.owner
        return [select(and_(*self.conditions)).where(owner == position).scalar_subquery()]


def in_turn(search: Search, found: Found, find_rest: Callable[[Search], Found]) -> Found:
    """Return what was found and, where that does not fill the page, what comes after it."""
    if found.scanned_to is None or len(found.positions) == search.limit:
        return found
    rest = find_rest(search.after(found))
    return Found([*found.positions, *rest.positions], rest.scanned_to)


def on_text(
    required: Iterable[Term], excluded: Iterable[Term], words: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    """Return what `search.matches` does, as conditions on the text `words`."""
    padded = literal_column("' '", Text) + words + literal_column("' '", Text)
    place = func.instr if on_sqlite() else func.strpos
    return [
        *(place(padded, term.needle) > 0 for term in required),
        *(place(padded, term.needle) == 0 for term in excluded),
    ]


def _as_terms(labels: Iterable[str]) -> list[Term]:
    return [Term((label,)) for label in labels]


# In both languages of queries: words are letters and digits alone, so that quotes hold them.
def _fts5(words: list[Term], excluded: list[Term]) -> str:
    found = " AND ".join(f'"{term.words[0]}"{"*" * term.prefix}' for term in words)
    without = " OR ".join(f'"{term.words[0]}"' for term in excluded)
    return f"({found}) NOT ({without})" if excluded else found


def _tsquery(words: list[Term], excluded: list[Term]) -> str:
    found = [f"'{term.words[0]}'{':*' * term.prefix}" for term in words]
    return " & ".join([*found, *(f"!'{term.words[0]}'" for term in excluded)])
