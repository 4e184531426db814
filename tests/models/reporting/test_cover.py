"""A span of time as rows of sums: every quarter hour once, and few rows."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.models.reporting.cover import Place, contributions, cover
from app.models.reporting.sums import BLOCK, BLOCK_DAYS, QUARTERS_A_DAY, hour_slot, quarter_slot

DAY = QUARTERS_A_DAY


def quarters(place: Place) -> range:
    """Return the quarter hours that a row is the sum of."""
    slot, day = place
    begin = day * DAY
    if slot == BLOCK:
        return range(begin, begin + BLOCK_DAYS * DAY)
    if slot == 0:
        return range(begin, begin + DAY)
    if slot < quarter_slot(0):
        return range(begin + 4 * (slot - 1), begin + 4 * slot)
    return range(begin + slot - 25, begin + slot - 24)


def covered(places: dict[Place, int]) -> Counter[int]:
    """Return how often each quarter hour counts, without those that do not."""
    found: Counter[int] = Counter()
    for place, times in places.items():
        for quarter in quarters(place):
            found[quarter] += times
    return Counter({quarter: times for quarter, times in found.items() if times})


def test_any_span_is_made_of_each_of_its_quarters_once() -> None:
    chance = random.Random(5)  # noqa: S311 - the same each time
    for _ in range(300):
        first = chance.randrange(-3 * DAY, 20_000 * DAY)
        lengths = 0, 1, 3, 4, 50, DAY, DAY + 4, 40 * DAY, 700 * DAY, chance.randrange(400)
        end = first + chance.choice(lengths)
        assert covered(cover(first, end)) == Counter(range(first, end)), (first, end)


@pytest.mark.parametrize(
    ("first", "end", "rows"),
    [
        (10 * DAY, 11 * DAY, 1),
        (10 * DAY - 4, 11 * DAY - 4, 3),  # a day of a zone that is an hour ahead
        (10 * DAY + 20, 11 * DAY + 20, 11),  # five hours behind
        (10 * DAY - 22, 11 * DAY - 22, 15),  # five and a half ahead
        (10 * DAY + 48, 10 * DAY + 52, 1),  # an hour
        (10 * DAY, 40 * DAY, 30),
        (64 * DAY, 640 * DAY, 9),  # blocks of 64 days
        (60 * DAY, 650 * DAY, 23),  # with some days before and after
    ],
)
def test_few_rows_are_enough(first: int, end: int, rows: int) -> None:
    assert len(cover(first, end)) == rows


def test_spans_tell_which_rows_they_share() -> None:
    found = contributions([(0, 4), (4, 8), (0, 2 * DAY)])
    assert found == {
        (hour_slot(0), 0): [(0, 1)],
        (hour_slot(1), 0): [(1, 1)],
        (0, 0): [(2, 1)],
        (0, 1): [(2, 1)],
    }
