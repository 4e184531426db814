"""The lists of a report about prompts, with what happened with each prompt that is in one of them."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from app.extensions import db
from app.models import history_revision
from app.models.image_filter import position_of
from app.models.reporting.prompts import ranks, tops
from app.models.reporting.prompts.tally import Tallies, tally
from app.models.reporting.prompts.uses import Uses, newest_position
from app.models.reporting.prompts.words import Frequencies, frequencies
from app.models.reporting.reading import Wanted, read_sums
from app.models.reporting.sums import Measures
from app.models.rollup import quarter_of
from app.models.types import utc_now

# Words and phrases are counted in so many prompts, those that were used last.
MOST_PROMPTS = 20_000
# Of so many generations and images all rows are read, which takes some 100 ms.
MOST_ROWS = 20_000
# Words hardly change from one minute to the next, and counting them takes longest.
RECOUNT_AFTER = 60.0
Kept = TypeVar("Kept")


class Order(StrEnum):
    """What the prompts of a list come first in."""

    MOST_USED = "most_used"
    MOST_RECENT = "most_recent"
    MOST_KEPT = "most_kept"
    MOST_FAILED = "most_failed"
    NEVER_REUSED = "never_reused"


@dataclass(frozen=True, slots=True)
class PromptLists:
    """Ids of prompts by the list, and what happened with these; `newest` were used last, if known."""

    lists: dict[Order, list[int]]
    tallies: Tallies
    newest: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the prompts that were used last, counted at an aware moment."""

    frequencies: Frequencies
    counted_at: datetime
    # By a clock that nobody sets.
    _clock: float

    @property
    def stale(self) -> bool:
        """Tell whether they are to be counted anew."""
        return time.monotonic() - self._clock >= RECOUNT_AFTER


# What was told last of each database, by what was asked and, but for words, how things stood then.
_told: WeakKeyDictionary[Engine, dict[Hashable, PromptLists]] = WeakKeyDictionary()
_words: WeakKeyDictionary[Engine, dict[Hashable, Words]] = WeakKeyDictionary()
_MOST_TOLD = 8


def prompt_lists(uses: Uses, limit: int) -> tuple[PromptLists, Words]:
    """Return up to `limit` prompts, words and phrases of each list, of the uses that are wanted.

    Asked the same again, what was found is told again unless anything happened since, the words for
    RECOUNT_AFTER seconds whatever happened.
    """
    sums = _sums(uses)
    until = None if uses.to_the_end() else uses.until
    only = tuple(sorted((name, tuple(values)) for name, values in uses.only.items()))
    # No use, image, mark or end of a generation leaves all three as they are.
    state = newest_position(), history_revision.current(), sums
    asked = uses.since, until, only, uses.tag, limit
    known = _told.setdefault(db.engine, {})
    if (found := known.get((asked, state))) is None:
        found = _from_all_rows(uses, limit) if _are_few(uses, sums) else _from_the_tops(uses, limit)
        _keep(known, (asked, state), found)
    counted = _words.setdefault(db.engine, {})
    if (words := counted.get(asked)) is None or words.stale:
        words = _counted(uses, found.newest, limit)
        _keep(counted, asked, words)
    return found, words


def forget_all() -> None:
    """Let everything be counted anew, for whoever measures or compares that."""
    _told.clear()
    _words.clear()


def _keep(known: dict[Hashable, Kept], asked: Hashable, found: Kept) -> None:
    if len(known) >= _MOST_TOLD:
        known.clear()
    known[asked] = found


def _counted(uses: Uses, newest: list[int] | None, limit: int) -> Words:
    found = tops.newest_texts(uses, MOST_PROMPTS) if newest is None else tops.texts_of(newest)
    return Words(frequencies(found, limit), utc_now(), time.monotonic())


def _sums(uses: Uses) -> Measures:
    span = quarter_of(position_of(uses.since)), quarter_of(position_of(uses.until))
    return read_sums(Wanted(uses.only), [span]).get((0, ()), Measures())


def _are_few(uses: Uses, sums: Measures) -> bool:
    """Tell whether all rows can be read; those with a tag are found by it alone."""
    if uses.tag is not None:
        return True
    if sums.succeeded + sums.failed + sums.images > MOST_ROWS:
        return False
    return not tops.are_many(uses, MOST_ROWS)


def _from_all_rows(uses: Uses, limit: int) -> PromptLists:
    found = tally(uses)
    lists = {
        Order.MOST_USED: ranks.most_used(found.uses, limit),
        Order.MOST_RECENT: ranks.most_recent(found.last, limit),
        Order.MOST_KEPT: ranks.most_kept(found.favourites, found.images, limit),
        Order.MOST_FAILED: ranks.most_failed(found.failures, limit),
        Order.NEVER_REUSED: ranks.never_reused(found, limit),
    }
    newest = ranks.most_recent(found.last, MOST_PROMPTS)
    return PromptLists(lists, found.of(_prompts(lists)), newest)


def _from_the_tops(uses: Uses, limit: int) -> PromptLists:
    uses, known = uses.simplified(), tops.Known()
    lists = {
        Order.MOST_USED: tops.most_used(uses, limit, known),
        Order.MOST_RECENT: tops.most_recent(uses, limit),
        Order.MOST_KEPT: tops.kept_most(uses, limit, known),
        Order.MOST_FAILED: tops.most_failed(uses, limit),
        Order.NEVER_REUSED: tops.never_reused(uses, limit),
    }
    return PromptLists(lists, tops.tallies_of(uses, _prompts(lists), known))


def _prompts(lists: dict[Order, list[int]]) -> set[int]:
    return {prompt for chosen in lists.values() for prompt in chosen}
