"""The lists of a report about prompts, with what happened with each prompt that is in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.models.reporting.prompts import ranks
from app.models.reporting.prompts.tally import Tallies, tally
from app.models.reporting.prompts.uses import Uses
from app.models.reporting.prompts.words import Frequencies, frequencies

# Words and phrases are counted in so many prompts, those that were used last.
MOST_PROMPTS = 20_000


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
    return _from_all_rows(uses, limit)


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
    return PromptLists(lists, found, frequencies(newest, limit))
