"""Which rows of sums make up a span of time (pure).

The part of a day that lies before a moment is added up from its hours, or, where that takes fewer rows,
is the whole day without the hours after it. So a day of a zone one hour from UTC takes four rows, not
twenty-four.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from app.models.reporting.sums import (
    BLOCK,
    BLOCK_DAYS,
    QUARTERS_A_DAY,
    QUARTERS_AN_HOUR,
    WHOLE_DAY,
    hour_slot,
    quarter_slot,
)

# A row, by its slot and its day.
Place = tuple[int, int]


def cover(first: int, end: int) -> dict[Place, int]:
    """Return the rows for the quarter hours from `first` to `end`, which is left out.

    Each comes with what it is to be multiplied with: 1, or -1 for one that is taken away.
    """
    places: Counter[Place] = Counter()
    first_day, end_day = first // QUARTERS_A_DAY, end // QUARTERS_A_DAY
    if first_day == end_day and end - first <= QUARTERS_A_DAY // 2:
        places.update(_blocks(first, end))
    else:
        _add_days(places, first_day, end_day)
        _add_beginning(places, end, 1)
        _add_beginning(places, first, -1)
    return {place: times for place, times in places.items() if times}


def contributions(spans: Sequence[tuple[int, int]]) -> dict[Place, list[tuple[int, int]]]:
    """Return, for each row that some of the spans need: by their index, how often it counts."""
    found: dict[Place, list[tuple[int, int]]] = {}
    for index, (first, end) in enumerate(spans):
        for place, times in cover(first, end).items():
            found.setdefault(place, []).append((index, times))
    return found


def _add_days(places: Counter[Place], first: int, end: int) -> None:
    """Add whole days: by the block, and the rest by the day, or as a block without its other days."""
    first_block, end_block = (each & -BLOCK_DAYS for each in (first + BLOCK_DAYS - 1, end))
    if first_block > end_block or end - first <= BLOCK_DAYS // 2:
        places.update((WHOLE_DAY, day) for day in range(first, end))
        return
    places.update((BLOCK, day) for day in range(first_block, end_block, BLOCK_DAYS))
    _add_part_of_block(places, end, 1)
    if first_block > first:
        places[BLOCK, first_block - BLOCK_DAYS] += 1
        _add_part_of_block(places, first, -1)


def _add_part_of_block(places: Counter[Place], end: int, times: int) -> None:
    """Add the days of a block that lie before one, or take them away."""
    block = end & -BLOCK_DAYS
    if end - block <= BLOCK_DAYS // 2:
        for day in range(block, end):
            places[WHOLE_DAY, day] += times
        return
    places[BLOCK, block] += times
    for day in range(end, block + BLOCK_DAYS):
        places[WHOLE_DAY, day] -= times


def _add_beginning(places: Counter[Place], moment: int, times: int) -> None:
    """Add the part of a day that lies before a moment, or take it away."""
    day, within = divmod(moment, QUARTERS_A_DAY)
    if within <= QUARTERS_A_DAY // 2:
        for place in _blocks(day * QUARTERS_A_DAY, moment):
            places[place] += times
        return
    places[WHOLE_DAY, day] += times
    for place in _blocks(moment, (day + 1) * QUARTERS_A_DAY):
        places[place] -= times


def _blocks(first: int, end: int) -> Iterator[Place]:
    """Yield the hours, and the quarters at both ends, of a part of one day."""
    day = first // QUARTERS_A_DAY
    while first < end:
        within = first - day * QUARTERS_A_DAY
        if within % QUARTERS_AN_HOUR == 0 and first + QUARTERS_AN_HOUR <= end:
            yield hour_slot(within // QUARTERS_AN_HOUR), day
            first += QUARTERS_AN_HOUR
        else:
            yield quarter_slot(within), day
            first += 1
