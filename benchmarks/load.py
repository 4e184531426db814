"""Load on servers of our own on loopback, bounded in count and time.

What is compared is measured in turns, a moment each, again and again: the machine is shared, and what
slows it down for a while then slows down all of them.
"""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median, quantiles

CONNECTIONS = 8
ROUNDS = 8
ALONE_SECONDS = 0.25
TOGETHER_SECONDS = 0.5
MOST_REQUESTS = 2_000  # of one connection in one turn


@dataclass(frozen=True, slots=True)
class Target:
    """An address to ask for, over and over, or several, in turn; every answer must be 200."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    more_paths: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers a second over eight connections, and milliseconds for one asked alone."""

    per_second: float
    p50_ms: float
    p99_ms: float


def compare(targets: Mapping[str, Target], rounds: int = ROUNDS) -> dict[str, Measured]:
    """Measure all targets in turns; return what was found by their names."""
    alone: dict[str, list[float]] = {name: [] for name in targets}
    together: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            alone[name] += _ask(target, ALONE_SECONDS)
            together[name].append(_rate(target))
    return {
        name: Measured(
            median(together[name]),
            1000 * median(alone[name]),
            1000 * quantiles(alone[name], n=100)[98],
        )
        for name in targets
    }


def latencies(
    port: int, paths: Sequence[str], headers: Mapping[str, str], times: int = 3
) -> list[float]:
    """Return the milliseconds of each of these addresses, the median of so many times."""
    targets = [Target(port, path, headers) for path in paths]
    return [1000 * median(_ask(target, seconds=10, most=times)) for target in targets]


def get(port: int, path: str, headers: Mapping[str, str]) -> bytes:
    """Return one answer's body. Raises RuntimeError unless it is 200."""
    return b"".join(_bodies(Target(port, path, headers), until=time.perf_counter() + 60, most=1))


def _rate(target: Target) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        loads = [pool.submit(_ask, target, TOGETHER_SECONDS) for _ in range(CONNECTIONS)]
        answers = sum(len(load.result()) for load in loads)
    return answers / (time.perf_counter() - started)


def _ask(target: Target, seconds: float, most: int = MOST_REQUESTS) -> list[float]:
    """Return how many seconds each answer took."""
    times = []
    started = time.perf_counter()
    for _ in _bodies(target, until=started + seconds, most=most):
        now = time.perf_counter()
        times.append(now - started)
        started = now
    return times


def _bodies(target: Target, *, until: float, most: int) -> Iterable[bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=60)
    paths = [target.path, *target.more_paths]
    # Each connection begins somewhere else.
    first = random.randrange(len(paths))  # noqa: S311
    for path in islice(cycle(paths), first, first + most):
        connection.request("GET", path, headers=dict(target.headers))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} gave {answer.status}")
        yield body
        if time.perf_counter() > until:
            break
    connection.close()
