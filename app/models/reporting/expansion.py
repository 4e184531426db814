"""From what happened to the rows that it is added to (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from app.models.reporting.facts import Fact, Room
from app.models.reporting.latency_buckets import packed
from app.models.reporting.series import Series, series_of
from app.models.reporting.sums import (
    BLOCK,
    BLOCK_DAYS,
    WHOLE_DAY,
    Kept,
    Measures,
    Wait,
    places_of,
)

# The primary keys of the tables.
SumKey = tuple[int, int, int]
KeptKey = tuple[int, int]
# By kind: how many there are in each bucket.
Durations = dict[Wait, Counter[int]]


def _no_durations() -> Durations:
    return {wait: Counter() for wait in Wait}


class Expansion:
    """The sums of many facts, by row."""

    def __init__(self, *, blocks: bool = True) -> None:
        """Add nothing yet; without `blocks`, only days and their parts will be added to."""
        self._blocks = blocks
        self.series: set[Series] = set()
        self.sums: dict[SumKey, list[int]] = defaultdict(lambda: [0] * len(Measures._fields))
        self.latencies: dict[SumKey, Durations] = defaultdict(_no_durations)
        self.kept: dict[KeptKey, list[int]] = defaultdict(lambda: [0] * len(Kept._fields))

    def add(self, facts: Iterable[Fact], times: int = 1) -> None:
        """Add what facts count, or (-1) take it away."""
        for fact in facts:
            self._add(fact, times)

    def add_room(self, rooms: Iterable[Room], times: int = 1) -> None:
        """Add the room that images take, or (-1) take it away."""
        for room in rooms:
            for slot, day in self._places(room.quarter):
                kept = self.kept[slot, day]
                for index, value in enumerate(room.kept):
                    kept[index] += times * value

    def series_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `report_series`, in order."""
        return [
            {"id": each.id, "cube": each.cube, **each.dimensions._asdict()}
            for each in sorted(self.series)
        ]

    def sum_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `report_sums`, in order."""
        return [
            {"series": series, "slot": slot, "day": day, **Measures(*sums)._asdict()}
            for (series, slot, day), sums in sorted(self.sums.items())
            # Whoever adds durations holds the row of their sums, even if nothing is added to that.
            if any(sums) or (series, slot, day) in self.latencies
        ]

    def kept_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `report_kept`, in order."""
        return [
            {"slot": slot, "day": day, **Kept(*kept)._asdict()}
            for (slot, day), kept in sorted(self.kept.items())
            if any(kept)
        ]

    def latency_rows(self) -> list[dict[str, Any]]:
        """Return the rows of `report_latencies`, in order."""
        return [
            {
                "series": series,
                "slot": slot,
                "day": day,
                **{wait: packed(counts) for wait, counts in durations.items()},
            }
            for (series, slot, day), durations in sorted(self.latencies.items())
        ]

    def fold_days(self, block: Expansion) -> None:
        """Add what whole days hold to the sums of their block."""
        block.series.update(self.series)
        for (series, slot, day), sums in self.sums.items():
            if slot == WHOLE_DAY:
                _add_to(block.sums[series, BLOCK, day & -BLOCK_DAYS], sums)
        for (slot, day), kept in self.kept.items():
            if slot == WHOLE_DAY:
                _add_to(block.kept[BLOCK, day & -BLOCK_DAYS], kept)
        for (series, slot, day), durations in self.latencies.items():
            if slot == WHOLE_DAY:
                for wait, counts in block.latencies[series, BLOCK, day & -BLOCK_DAYS].items():
                    counts.update(durations[wait])

    def _places(self, quarter: int) -> tuple[tuple[int, int], ...]:
        places = places_of(quarter)
        return places if self._blocks else places[:-1]

    def _add(self, fact: Fact, times: int) -> None:
        places = self._places(fact.quarter)
        changes = [(index, times * value) for index, value in enumerate(fact.measures) if value]
        series = series_of(fact.dimensions)
        self.series.update(series)
        for each in series:
            for slot, day in places:
                sums = self.sums[each.id, slot, day]
                for index, value in changes:
                    sums[index] += value
                for kind, bucket in fact.waits:
                    self.latencies[each.id, slot, day][kind][bucket] += times


def _add_to(sums: list[int], more: list[int]) -> None:
    for index, value in enumerate(more):
        sums[index] += value
