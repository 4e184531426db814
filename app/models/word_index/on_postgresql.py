"""How PostgreSQL finds: among the newest rows first, then by the GIN index, fenced from its planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import CTE, ColumnElement, and_, func, literal, null, select, union_all

from app.extensions import db
from app.models.word_index.search import Found, Search, in_turn, on_text

# So many rows tell whether the words are rare; each takes a hundredth of what the index takes for a hit.
_FIRST_LOOK = 1_000
# Where fewer than one row in so many has all of the words, the index is quicker than the next rows.
_RARE = 250
# Where more than one row in so many has them, the next rows are looked through, and not the index: it
# would fetch every hit there is, again and again, for the few that fit.
_COMMON = 50


def find_on_postgresql(search: Search) -> Found:
    """Look through the newest rows first, then into the index: neither is quick for all words.

    A common word is soon among the newest, where the index would fetch and sort every hit; a rare
    one is quick by the index. The planner cannot tell them apart (238 ms to 2.8 s), so it is not
    asked: the window is fenced in by its limit, the hits by MATERIALIZED.
    """
    look = replace(search, scan=min(search.scan, _FIRST_LOOK))
    found, hits = _among_newest(look)
    if search.words and hits * _RARE < look.scan:
        return in_turn(search, found, _find_by_gin)
    return in_turn(search, found, _look_further)


def _look_further(search: Search) -> Found:
    further = replace(search, scan=max(search.scan - _FIRST_LOOK, 1))
    found, hits = _among_newest(further)
    if hits * _COMMON > further.scan or not search.words:
        return found
    return in_turn(search, found, _find_by_gin)


def _among_newest(search: Search) -> tuple[Found, int]:
    """Return what fits among the first `scan` rows, and how many of them have the words."""
    texts = search.tables.texts
    position = texts.c.position
    window = (
        select(position, texts.c.text, search.tables.vector.label("words"))
        .where(search.bounds.within(position))
        .order_by(search.bounds.order(position))
        .limit(search.scan)
        .cte("newest")
        .prefix_with("NOT MATERIALIZED")  # so that it ends with the page
    )
    hits = [search.indexed(window.c.words)] if search.words else []
    return _page(search, window, hits, on_text(*search.unsettled, window.c.text))


def _find_by_gin(search: Search) -> Found:
    texts = search.tables.texts
    position = texts.c.position
    hits = select(position).where(search.indexed()).cte("hits").prefix_with("MATERIALIZED")
    candidates = (
        select(hits.c.position)
        .where(search.bounds.within(hits.c.position))
        .order_by(search.bounds.order(hits.c.position))
        .limit(search.scan)
        .cte("candidates")
        .prefix_with("MATERIALIZED")
    )
    checks = on_text(*search.unsettled, texts.c.text)
    same = position == candidates.c.position
    fits = [select(and_(*checks)).where(same).scalar_subquery()] if checks else []
    return _page(search, candidates, [], fits)[0]


def _page(
    search: Search,
    rows: CTE,
    hits: Sequence[ColumnElement[bool]],
    fits: Sequence[ColumnElement[bool]],
) -> tuple[Found, int]:
    """Return the first of `rows` that fit; where they do not fill the page, how far it looked.

    And how many of `rows` were hits, unless they did fill it. All in one statement: between two, a
    new row could move the edge.
    """
    order = search.bounds.order(rows.c.position)
    found = (
        select(rows.c.position)
        .where(*hits, *fits, *search.on_owner(rows.c.position))
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
            return Found(positions, position), hit if search.checks else len(positions)
    return Found(positions, positions[-1]), 0
