"""How SQLite finds: FTS5 walks a word's rows in the order of positions, so one may stop early."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from app.extensions import db
from app.models.word_index.search import Found, Search, in_turn

# FTS5 walks beginnings of up to so many letters; for longer ones it first gathers all their rows.
_SHORT_PREFIX = 4
_WALK = 1_000  # rows to look for them among those with shorter ones
_RARE = 100  # one in so many of those, or fewer, are gathered quickly
_FEW_AT_A_TIME = {"yield_per": 64}


def find_on_sqlite(search: Search) -> Found:
    """Look among the rows with a shorter beginning first, where there is a long one.

    "portrait" before the space after it is such a beginning: FTS5 gathers and sorts its 300,000 rows
    (100 ms), but walks those of "port", most of which are portraits. What is rare among the first
    so many of them is gathered quickly.
    """
    shorter = replace(search, longest_prefix=_SHORT_PREFIX, scan=min(search.scan, _WALK))
    if shorter.words == search.words:
        return _walk(search)[0]
    found, with_words = _walk(shorter)
    if with_words * _RARE < shorter.scan:
        return in_turn(search, found, lambda rest: _walk(rest)[0])
    rest = max(search.scan - _WALK, 1)
    return in_turn(replace(shorter, scan=rest), found, lambda rest: _walk(rest)[0])


def _walk(search: Search) -> tuple[Found, int]:
    """Walk the index in order; SQLite makes each row as it is fetched, so that one may stop early.

    Return also how many of the rows have the words, whatever else does not fit.
    """
    rows = search.candidates()
    ordered = rows.order_by(search.bounds.order(rows.selected_columns.position))
    most = search.scan if search.checks else min(search.scan, search.limit)
    positions: list[int] = []
    scanned, with_words, position = 0, 0, None
    # Without yield_per, a condition on the owner would have all rows fetched before the first is seen.
    with db.session.execute(ordered.limit(most), execution_options=_FEW_AT_A_TIME) as result:
        for position, has_words, fits in chain.from_iterable(result.partitions()):
            scanned += 1
            with_words += bool(has_words)
            if fits:
                positions.append(position)
            if len(positions) == search.limit:
                break
    more = scanned == most or len(positions) == search.limit
    return Found(positions, position if more else None), with_words
