"""Which prompts come first in what, each list with one order that leaves nothing to chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest

from sqlalchemy import bindparam, select

from app.extensions import db
from app.models.batches import batches
from app.models.prompt_row import PROMPTS
from app.models.reporting.prompts.tally import Tallies

# A prompt of fewer images is not told to be kept often: one star of one image says little.
FEWEST_IMAGES = 3
# Among so many prompts with the most favourites those are looked for that are kept most.
MOST_STARRED = 500
_TOTALS = select(PROMPTS.c.id, PROMPTS.c.uses, PROMPTS.c.position).where(
    PROMPTS.c.id.in_(bindparam("ids", expanding=True))
)


def totals_of(prompt_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return how often prompts were used at all times, and their positions, by their ids."""
    connection = db.session.connection()
    rows = (row for ids in batches(prompt_ids) for row in connection.execute(_TOTALS, {"ids": ids}))
    return {row[0]: (row[1], row[2]) for row in rows}


def most_used(uses: Counter[int], limit: int) -> list[int]:
    """Return the prompts with the most uses; of as many, those with more at all times, then newer."""
    if not uses:
        return []
    least = nlargest(limit, uses.values())[-1]
    totals = totals_of(prompt for prompt, number in uses.items() if number >= least)
    return nlargest(limit, totals, key=lambda prompt: (uses[prompt], *totals[prompt]))


def most_recent(last: dict[int, str], limit: int) -> list[int]:
    """Return the prompts that were used last, by the places of their last uses."""
    return nlargest(limit, last, key=last.__getitem__)


def most_failed(failures: Counter[int], limit: int) -> list[int]:
    """Return the prompts with the most failures; of as many, those with greater ids."""
    return nlargest(limit, failures, key=lambda prompt: (failures[prompt], prompt))


def most_starred(favourites: Counter[int]) -> list[int]:
    """Return the MOST_STARRED prompts with the most favourites; of as many, those with greater ids."""
    return nlargest(MOST_STARRED, favourites, key=lambda each: (favourites[each], each))


def most_kept(favourites: Counter[int], images: Counter[int], limit: int) -> list[int]:
    """Return the prompts with the most favourites among their images, of which there are enough.

    Looked for among those that `most_starred` returns. Of as many, those with more favourites come
    first, then those with greater ids.
    """
    enough = [each for each in most_starred(favourites) if images[each] >= FEWEST_IMAGES]
    return nlargest(
        limit, enough, key=lambda each: (favourites[each] / images[each], favourites[each], each)
    )


def never_reused(found: Tallies, limit: int) -> list[int]:
    """Return the newest of the prompts that were used once, at all times."""
    once = [prompt for prompt, number in found.uses.items() if number == 1]
    chosen: dict[int, int] = {}
    for some in batches(sorted(once, key=found.last.__getitem__, reverse=True)):
        for prompt, (uses, position) in totals_of(some).items():
            if uses == 1:
                chosen[prompt] = position
        if len(chosen) >= limit:
            break
    return nlargest(limit, chosen, key=chosen.__getitem__)
