"""An index of words: what `search.compose` gave, by the position of the row that it belongs to.

Both databases know which words a text holds, not where: phrases are looked up as words and then
checked on the text. What is checked so goes through a bounded number of rows a call and tells where
to go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import (
    ColumnExpressionArgument,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import Base, db
from app.models.batches import batches
from app.models.search import SearchQuery, compose
from app.models.word_index.on_postgresql import find_on_postgresql
from app.models.word_index.on_sqlite import find_on_sqlite
from app.models.word_index.search import Bounds, Count, Found, Search
from app.models.word_index.tables import IndexedText, IndexTables, include_name, on_sqlite

__all__ = ["SCAN", "Count", "Found", "IndexedText", "WordIndex", "include_name"]

SCAN = 5_000  # rows that one call looks through at the most


@dataclass(frozen=True, slots=True)
class WordIndex:
    """The words of the rows of one table, found by their positions."""

    tables: IndexTables

    @classmethod
    def of(cls, owner: InstrumentedAttribute[int], kept: type[Base], words: str) -> WordIndex:
        """Return the index of the rows with the positions `owner`.

        `kept` is an IndexedText; `words` names the table that SQLite has beside it.
        """
        return cls(IndexTables.make(kept, words, owner))

    def add(self, position: int, *texts: str, labels: tuple[str, ...] = ()) -> None:
        """Index the texts of the row at `position`, which must be new here."""
        self.add_many([(position, compose(*texts, labels=labels))])

    def add_many(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index many: each a position and what `search.compose` gave for it."""
        for batch in batches(rows):
            texts = [{"position": position, "text": words} for position, words in batch]
            db.session.execute(insert(self.tables.texts), texts)
            if on_sqlite():
                words = [{"rowid": row["position"], "text": row["text"]} for row in texts]
                db.session.execute(insert(self.tables.words), words)

    def remove(self, positions: Iterable[int]) -> None:
        """Take rows out of the index; those that are not in it do no harm.

        Traces of their words stay in the index's own pages until those are written anew: see
        `rebuild`.
        """
        texts, words = self.tables.texts, self.tables.words
        for batch in batches(positions):
            chosen = texts.c.position.in_(batch)
            if on_sqlite():
                # FTS5 keeps no text of its own: it must be told which words to take out.
                gone = select(literal("delete"), texts.c.position, texts.c.text).where(chosen)
                columns = [words.name, "rowid", "text"]
                db.session.execute(insert(words).from_select(columns, gone))
            db.session.execute(delete(texts).where(chosen))

    def rebuild(self) -> None:
        """Write the index anew from the texts, so that it holds no word of what was removed."""
        words = self.tables.words
        if on_sqlite():
            db.session.execute(insert(words).values({words.name: "rebuild"}))
        else:
            db.session.execute(text(f"REINDEX INDEX ix_{self.tables.texts.name}_words"))

    def find(
        self,
        query: SearchQuery,
        *,
        limit: int,
        before: int | None = None,
        after: int | None = None,
        oldest_first: bool = False,
        labels: Iterable[str] = (),
        conditions: Iterable[ColumnExpressionArgument[bool]] = (),
        scan: int = SCAN,
    ) -> Found:
        """Return up to `limit` positions between `after` and `before` (both excluded), newest first.

        `labels` must all be there. `conditions` on the rows that own the positions are checked row
        by row: what is rare belongs into a label.
        """
        bounds = Bounds(before, after, oldest_first)
        asked = Search(self.tables, query, tuple(labels), tuple(conditions), bounds, limit, scan)
        return find_on_sqlite(asked) if on_sqlite() else find_on_postgresql(asked)

    def count(
        self,
        query: SearchQuery,
        cap: int,
        *,
        before: int | None = None,
        after: int | None = None,
        labels: Iterable[str] = (),
        conditions: Iterable[ColumnExpressionArgument[bool]] = (),
    ) -> Count:
        """Count what `find` would find, up to `cap`.

        Where rows must be checked, only as many as `cap` (but at least SCAN) are.
        """
        most = cap + 1
        bounds = Bounds(before, after)
        asked = Search(self.tables, query, tuple(labels), tuple(conditions), bounds, most, most)
        if asked.checks:
            asked = replace(asked, scan=max(most, SCAN))
        rows = asked.candidates().limit(asked.scan).subquery()
        fitting = func.count(case((rows.c.fits, 1)))
        seen, number = db.session.execute(select(func.count(), fitting).select_from(rows)).one()
        return Count(min(number, cap), exact=seen < asked.scan and number <= cap)
