"""Load on a server of our own on loopback, bounded in count and time."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles

CONNECTIONS = 8
SECONDS = 4
MOST_REQUESTS = 5_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Answers a second over all connections, and milliseconds for one asked alone."""

    per_second: float
    p50_ms: float
    p99_ms: float


def measure(port: int, path: str, headers: dict[str, str]) -> Measured:
    """Ask for one address over and over; every answer must be 200."""
    alone = [1000 * seconds for seconds in _ask(port, path, headers, 2, 300)]
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        loads = [
            pool.submit(_ask, port, path, headers, SECONDS, MOST_REQUESTS)
            for _ in range(CONNECTIONS)
        ]
        answers = sum(len(load.result()) for load in loads)
    elapsed = time.perf_counter() - started
    return Measured(answers / elapsed, median(alone), quantiles(alone, n=100)[98])


def _ask(port: int, path: str, headers: dict[str, str], seconds: float, most: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    until = time.perf_counter() + seconds
    while len(times) < most and time.perf_counter() < until:
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} gave {answer.status}")
        times.append(time.perf_counter() - started)
    connection.close()
    return times
