"""The index behind the search: what `search.compose` gave, by the position of its image.

SQLite has a table of FTS5 beside `search_texts`, written here and not by triggers (a batch migration
would drop those without a word). PostgreSQL has a generated column of words in it, under a GIN
index. Both know which words a text holds, not where: phrases are looked up as words and then checked
on the text. What is checked so goes through a bounded number of rows a call and tells where to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any, TypeVar
from typing import cast as as_type

from sqlalchemy import (
    CTE,
    ColumnElement,
    ColumnExpressionArgument,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    column,
    delete,
    event,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.models.image import Image
from app.models.search import LONGEST_WORD, SearchQuery, Term, compose
from app.models.types import BigId

Item = TypeVar("Item")
SCAN = 5_000  # rows that one call looks through at the most
# More words than these narrow nothing down; the others are checked on the text.
_MOST_WORDS = 32
# FTS5 walks beginnings of up to so many letters; for longer ones it first gathers all their rows.
_SHORT_PREFIX = 4
_WALK = 1_000  # rows to look for them among those with shorter ones
# Where one row in so many has all of the words, the next rows are looked through, and not the index:
# it would fetch every hit there is, again and again, for the few that fit.
_COMMON = 50
_BATCH = 500
_FEW_AT_A_TIME = {"yield_per": 64}


class SearchText(Base):
    """The normalised words of one image, by its `position`, which is the order of every page."""

    __tablename__ = "search_texts"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


# What SQLAlchemy cannot say; the migration says the same, and a test compares the two.
_BY_HAND = {
    # detail=none: words without their places, a quarter of the size. columnsize=0: no ranking. The
    # `ascii` tokenizer takes words as they are: there is nothing in them that it would split at.
    "sqlite": (
        "CREATE VIRTUAL TABLE search_words USING fts5(text, content='search_texts', "
        "content_rowid='position', detail=none, columnsize=0, tokenize='ascii', prefix='1 2 3 4')",
    ),
    # Without fastupdate: its list of pending words would be read through by every search.
    "postgresql": (
        "ALTER TABLE search_texts ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(text, ' '))) STORED",
        "CREATE INDEX ix_search_texts_words ON search_texts USING gin (words) "
        "WITH (fastupdate = off)",
    ),
}
_TEXTS = as_type(Table, SearchText.__table__)
_POSTGRESQL_WORDS: ColumnElement[Any] = literal_column("search_texts.words")
_WORDS = table("search_words", column("search_words"), column("rowid"), column("text"))


@event.listens_for(_TEXTS, "after_create")
def _create_index(_table: Table, connection: Connection, **_options: object) -> None:
    for statement in _BY_HAND[connection.dialect.name]:
        connection.execute(text(statement))


@event.listens_for(_TEXTS, "before_drop")
def _drop_index(_table: Table, connection: Connection, **_options: object) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("DROP TABLE IF EXISTS search_words"))


def include_name(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Tell Alembic which of the database's names to compare: not those that are made by hand."""
    if kind == "table":
        return name is None or not name.startswith("search_words")
    by_hand = {"words", "ix_search_texts_words"}
    return parents.get("table_name") != "search_texts" or name not in by_hand


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


def add(position: int, *texts: str, labels: tuple[str, ...] = ()) -> None:
    """Index the texts of the image at `position`, which must be new here."""
    add_many([(position, compose(*texts, labels=labels))])


def add_many(rows: Iterable[tuple[int, str]]) -> None:
    """Index many: each a position and what `search.compose` gave for it."""
    for batch in _batches(rows):
        texts = [{"position": position, "text": words} for position, words in batch]
        db.session.execute(insert(_TEXTS), texts)
        if _on_sqlite():
            words = [{"rowid": row["position"], "text": row["text"]} for row in texts]
            db.session.execute(insert(_WORDS), words)


def remove(positions: Iterable[int]) -> None:
    """Take images out of the index; those that are not in it do no harm.

    Traces of their words stay in the index's own pages until those are written anew: see `rebuild`.
    """
    for batch in _batches(positions):
        chosen = _TEXTS.c.position.in_(batch)
        if _on_sqlite():
            # FTS5 keeps no text of its own: it must be told which words to take out.
            gone = select(literal("delete"), _TEXTS.c.position, _TEXTS.c.text).where(chosen)
            columns = ["search_words", "rowid", "text"]
            db.session.execute(insert(_WORDS).from_select(columns, gone))
        db.session.execute(delete(_TEXTS).where(chosen))


def rebuild() -> None:
    """Write the index anew from the texts, so that it holds no word of what was removed."""
    if _on_sqlite():
        db.session.execute(insert(_WORDS).values(search_words="rebuild"))
    else:
        db.session.execute(text("REINDEX INDEX ix_search_texts_words"))


def find(
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

    `labels` must all be there. `conditions` on Image are checked row by row: what is rare belongs
    into a label.
    """
    bounds = _Bounds(before, after, oldest_first)
    search = _Search(query, tuple(labels), tuple(conditions), bounds, limit, scan)
    return _find_on_sqlite(search) if _on_sqlite() else _find_on_postgresql(search)


def count(
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
    bounds = _Bounds(before, after)
    search = _Search(query, tuple(labels), tuple(conditions), bounds, cap + 1, cap + 1)
    if search.checks:
        search = replace(search, scan=max(cap + 1, SCAN))
    rows = search.candidates().limit(search.scan).subquery()
    fitting = func.count(case((rows.c.fits, 1)))
    seen, number = db.session.execute(select(func.count(), fitting).select_from(rows)).one()
    return Count(min(number, cap), exact=seen < search.scan and number <= cap)


@dataclass(frozen=True, slots=True)
class _Bounds:
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

    def beyond(self, position: int) -> _Bounds:
        """Return what is left after `position`."""
        if self.oldest_first:
            return replace(self, after=position)
        return replace(self, before=position)


@dataclass(frozen=True, slots=True)
class _Search:
    """What one call looks for: by the index as far as that can say, then row by row."""

    query: SearchQuery
    labels: tuple[str, ...]
    conditions: tuple[ColumnExpressionArgument[bool], ...]
    bounds: _Bounds
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

    def after(self, found: Found) -> _Search:
        """Return the search for what is left after the rows that `found` looked through."""
        assert found.scanned_to is not None  # noqa: S101 - for the type checker
        bounds = self.bounds.beyond(found.scanned_to)
        return replace(self, bounds=bounds, limit=self.limit - len(found.positions))

    def _cut(self, word: Term) -> Term:
        return Term((word.words[0][: self.longest_prefix],), True) if word.prefix else word

    def candidates(self) -> Select[Any]:
        """Return the rows that the index gives, in no order, each with whether it fits."""
        rows = _WORDS if self.words and _on_sqlite() else _TEXTS
        position = rows.c.rowid if rows is _WORDS else rows.c.position
        fits = and_(true(), *_on_text(*self.unsettled, rows.c.text), *self.on_image(position))
        found = select(position.label("position"), fits.label("fits"))
        found = found.where(self.bounds.within(position))
        return found.where(self.indexed()) if self.words else found

    def indexed(self, words: ColumnElement[Any] = _POSTGRESQL_WORDS) -> ColumnElement[bool]:
        """Return what the index is asked."""
        excluded = [term for term in self.query.excluded if len(term.words) == 1]
        if _on_sqlite():
            query = _fts5(self.words, excluded)
            return literal_column("search_words").bool_op("MATCH")(query)
        tsquery = cast(_tsquery(self.words, excluded), TSQUERY)
        return words.bool_op("@@")(tsquery)

    def on_image(self, position: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """Return the conditions on the image at `position`.

        As a value and not as a join, so that no planner begins with the images and sorts them.
        """
        if not self.conditions:
            return []
        return [select(and_(*self.conditions)).where(Image.position == position).scalar_subquery()]


def _find_on_sqlite(search: _Search) -> Found:
    """Look among the rows with a shorter beginning first, where there is a long one.

    "portrait" before the space after it is such a beginning: FTS5 gathers and sorts its 300,000 rows
    (100 ms), but walks those of "port", most of which are portraits. What is rare among the first
    so many of them is gathered quickly.
    """
    shorter = replace(search, longest_prefix=_SHORT_PREFIX, scan=min(search.scan, _WALK))
    if shorter.words == search.words:
        return _walk(search)
    return _in_turn(search, _walk(shorter), _walk)


def _in_turn(search: _Search, found: Found, find_rest: Callable[[_Search], Found]) -> Found:
    """Return what was found and, where that does not fill the page, what comes after it."""
    if found.scanned_to is None or len(found.positions) == search.limit:
        return found
    rest = find_rest(search.after(found))
    return Found([*found.positions, *rest.positions], rest.scanned_to)


def _walk(search: _Search) -> Found:
    """Walk the index in order; SQLite makes each row as it is fetched, so that one may stop early."""
    rows = search.candidates()
    ordered = rows.order_by(search.bounds.order(rows.selected_columns.position))
    most = search.scan if search.checks else min(search.scan, search.limit)
    positions: list[int] = []
    scanned, position = 0, None
    # Without yield_per, a condition on Image would have all rows fetched before the first is seen.
    with db.session.execute(ordered.limit(most), execution_options=_FEW_AT_A_TIME) as result:
        for position, fits in chain.from_iterable(result.partitions()):
            scanned += 1
            if fits:
                positions.append(position)
            if len(positions) == search.limit:
                break
    more = scanned == most or len(positions) == search.limit
    return Found(positions, position if more else None)


def _find_on_postgresql(search: _Search) -> Found:
    """Look through the newest rows first, then into the index: neither is quick for all words.

    A common word is soon among the newest, where the index would fetch and sort every hit; a rare
    one is quick by the index. The planner cannot tell them apart (238 ms to 2.8 s), so it is not
    asked: the window is fenced in by its limit, the hits by MATERIALIZED.
    """
    position = _TEXTS.c.position
    window = (
        select(position, _TEXTS.c.text, _POSTGRESQL_WORDS.label("words"))
        .where(search.bounds.within(position))
        .order_by(search.bounds.order(position))
        .limit(search.scan)
        .cte("newest")
        .prefix_with("NOT MATERIALIZED")  # so that it ends with the page
    )
    hits = [search.indexed(window.c.words)] if search.words else []
    found, hit = _page(search, window, hits, _on_text(*search.unsettled, window.c.text))
    if hit * _COMMON > search.scan or not search.words:
        return found
    return _in_turn(search, found, _find_by_gin)


def _find_by_gin(search: _Search) -> Found:
    position = _TEXTS.c.position
    hits = select(position).where(search.indexed()).cte("hits").prefix_with("MATERIALIZED")
    candidates = (
        select(hits.c.position)
        .where(search.bounds.within(hits.c.position))
        .order_by(search.bounds.order(hits.c.position))
        .limit(search.scan)
        .cte("candidates")
        .prefix_with("MATERIALIZED")
    )
    checks = _on_text(*search.unsettled, _TEXTS.c.text)
    same = position == candidates.c.position
    fits = [select(and_(*checks)).where(same).scalar_subquery()] if checks else []
    return _page(search, candidates, [], fits)[0]


def _page(
    search: _Search,
    rows: CTE,
    hits: Sequence[ColumnElement[bool]],
    fits: Sequence[ColumnElement[bool]],
) -> tuple[Found, int]:
    """Return the first of `rows` that fit; where they do not fill the page, how far it looked.

    And how many of `rows` were hits (0 where that was not needed). All in one statement: between
    two, a new row could move the edge.
    """
    order = search.bounds.order(rows.c.position)
    found = (
        select(rows.c.position)
        .where(*hits, *fits, *search.on_image(rows.c.position))
        .order_by(order)
        .limit(search.limit)
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    edge = select(rows.c.position).order_by(order).offset(search.scan - 1).limit(1)
    many = select(func.count()).select_from(rows).where(*hits)
    counted = many.scalar_subquery() if hits and search.checks else literal(0)
    is_short = select(func.count()).select_from(found).scalar_subquery() < search.limit
    both = union_all(
        select(found.c.position, null().label("hits")),
        select(edge.scalar_subquery(), counted).where(is_short),
    )
    answer = db.session.execute(both).all()
    positions = [position for position, hit in answer if hit is None]
    positions.sort(reverse=not search.bounds.oldest_first)
    for position, hit in answer:
        if hit is not None:
            return Found(positions, position), hit
    return Found(positions, positions[-1]), 0


def _on_text(
    required: Iterable[Term], excluded: Iterable[Term], words: ColumnElement[str]
) -> list[ColumnElement[bool]]:
    """Return what `search.matches` does, as conditions on the text `words`."""
    padded = literal_column("' '", Text) + words + literal_column("' '", Text)
    place = func.instr if _on_sqlite() else func.strpos
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


def _on_sqlite() -> bool:
    return db.session.get_bind().dialect.name == "sqlite"


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield lists that fit into one statement."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
