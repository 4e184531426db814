"""From what happened to the rows that it is added to (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from app.models.reporting.facts import Fact, Room
from app.models.reporting.series import Series, series_of
from app.models.reporting.sums import Kept, Measures, Wait, places_of

# The primary keys of the tables.
SumKey = tuple[int, int, int]
KeptKey = tuple[int, int]
LatencyKey = tuple[int, Wait, int, int, int]


class Expansion:
    """The sums of many facts, by row."""

    def __init__(self, *, blocks: bool = True) -> None:
        """Add nothing yet; without `blocks`, only days and their parts will be added to."""
        self._blocks = blocks
        self.series: set[Series] = set()
        self.sums: dict[SumKey, list[int]] = defaultdict(lambda: [0] * len(Measures._fields))
        self.latencies: Counter[LatencyKey] = Counter()
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
            if any(sums)
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
        names = "series", "kind", "slot", "day", "bucket"
        return [
            {**dict(zip(names, key, strict=True)), "count": count}
            for key, count in sorted(self.latencies.items())
            if count
        ]

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
                    self.latencies[each.id, kind, slot, day, bucket] += times
