"""What one process has measured of itself: how often, and how long it took.

As Prometheus counts: each duration falls into the first bucket whose upper bound it does not pass.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

# Upper bounds in seconds; above the last one there is one more bucket.
REQUEST_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(slots=True)
class Spread:
    """Durations: how many fell into each bucket, not counting those below, and their sum."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds


class Measures:
    """The measures of one app in this process; threads may share them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str], Spread] = {}
        self._statuses: Counter[tuple[str, str, int]] = Counter()
        self._statements = 0
        self._statement_seconds = 0.0
        self._unsaved = 0

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request that was answered."""
        with self._lock:
            self._statuses[method, route, status] += 1
            spread = self._requests.get((method, route))
            if spread is None:
                spread = self._requests[method, route] = Spread(REQUEST_BOUNDS)
            spread.add(seconds)

    def requests(self) -> dict[tuple[str, str], Spread]:
        """Return how long requests took, by method and route."""
        with self._lock:
            return {key: _copy(spread) for key, spread in self._requests.items()}

    def statuses(self) -> dict[tuple[str, str, int], int]:
        """Return how many requests there were, by method, route and status."""
        with self._lock:
            return dict(self._statuses)

    def statements(self) -> tuple[int, float]:
        """Return how many statements the database executed, and the seconds that it took."""
        with self._lock:
            return self._statements, self._statement_seconds

    def count_unsaved(self) -> None:
        """Count one answer of a provider that its client got, and that could not be kept."""
        with self._lock:
            self._unsaved += 1

    def unsaved(self) -> int:
        """Return how many of those there were."""
        with self._lock:
            return self._unsaved

    def watch(self, engine: Engine) -> None:
        """Measure the statements of an engine from now on.

        Before anybody else listens to them: who makes them wait for a lock is measured, too.
        """
        event.listen(engine, "before_cursor_execute", _start)
        event.listen(engine, "after_cursor_execute", self._count_statement)

    def _count_statement(
        self,
        _connection: object,
        _cursor: object,
        _statement: str,
        _parameters: object,
        context: Any,
        _many: bool,
    ) -> None:
        took = time.perf_counter() - context.started
        with self._lock:
            self._statements += 1
            self._statement_seconds += took


def _start(
    _connection: object,
    _cursor: object,
    _statement: str,
    _parameters: object,
    context: Any,
    _many: bool,
) -> None:
    context.started = time.perf_counter()


def _copy(spread: Spread) -> Spread:
    copy = Spread(spread.bounds, spread.seconds)
    copy.counts[:] = spread.counts
    return copy
