"""The lists of a report about prompts, with what happened with each prompt that is in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
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
from app.models.rollup import quarter_of

# Words and phrases are counted in so many prompts, those that were used last.
MOST_PROMPTS = 20_000
# Of so many generations and images all rows are read, which takes some 100 ms.
MOST_ROWS = 20_000


class Order(StrEnum):
    """What the prompts of a list come first in."""

    MOST_USED = "most_used"
    MOST_RECENT = "most_recent"
    MOST_KEPT = "most_kept"
    MOST_FAILED = "most_failed"
    NEVER_REUSED = "never_reused"


@dataclass(frozen=True, slots=True)
class PromptLists:
    """Ids of prompts by the list, what happened with these, and the words of those used last."""

    lists: dict[Order, list[int]]
    tallies: Tallies
    frequencies: Frequencies


def prompt_lists(uses: Uses, limit: int) -> PromptLists:
    """Return up to `limit` prompts, words and phrases of each list, of the uses that are wanted."""
    return _from_all_rows(uses, limit) if _are_few(uses) else _from_the_tops(uses, limit)


def _are_few(uses: Uses) -> bool:
    """Tell whether all rows can be read; those with a tag are found by it alone."""
    if uses.tag is not None:
        return True
    span = quarter_of(position_of(uses.since)), quarter_of(position_of(uses.until))
    sums = read_sums(Wanted(uses.only), [span]).values()
    if sum(each.succeeded + each.failed + each.images for each in sums) > MOST_ROWS:
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
    return PromptLists(lists, found, frequencies(tops.texts_of(newest), limit))


def _from_the_tops(uses: Uses, limit: int) -> PromptLists:
    lists = {
        Order.MOST_USED: tops.most_used(uses, limit),
        Order.MOST_RECENT: tops.most_recent(uses, limit),
        Order.MOST_KEPT: tops.kept_most(uses, limit),
        Order.MOST_FAILED: tops.most_failed(uses, limit),
        Order.NEVER_REUSED: tops.never_reused(uses, limit),
    }
    told = {prompt for chosen in lists.values() for prompt in chosen}
    return PromptLists(lists, tops.tallies_of(uses, told), _frequencies(uses, limit))


# What was counted last in each database, and when: to count 400,000 words takes 150 ms.
_counted: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], Frequencies]] = WeakKeyDictionary()


def _frequencies(uses: Uses, limit: int) -> Frequencies:
    """Return the words of the newest prompts, counted anew when there are other prompts or images."""
    until = None if uses.to_the_end() else uses.until
    only = sorted((name, tuple(values)) for name, values in uses.only.items())
    asked = newest_position(), history_revision.current(), uses.since, until, str(only), limit
    known = _counted.get(db.engine)
    if known and known[0] == asked:
        return known[1]
    found = frequencies(tops.newest_texts(uses, MOST_PROMPTS), limit)
    _counted[db.engine] = asked, found
    return found
