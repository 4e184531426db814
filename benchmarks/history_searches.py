"""Searches of the made-up history: what people type, and what costs the most."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from urllib.parse import urlencode

from benchmarks.load import latencies

# Another size each time, so that no page is met that was kept.
SIZES = (20, 19, 18)
# Each subject is in an eighth of the prompts, a place in a fifth, `detail…` in some hundred of a
# million; `zebra` is in none.
WORDS = {
    "common": ["fox", "castle", "snow", "watercolour", "style", "quiet street", "two moons", "fox neon"],
    "rare": ["detail4711", "detail1", "detail9", "detail12 detail3", "fox detail31337", "style detail7"],
    "absent": ["zebra", "fox zebra", "zebra castle snow", "xyzzyx", "detail99999", "style absent"],
    "short": ["f", "a", "d", "fo", "ca", "de", "z", "q"],
    "prefix": ["cast", "waterc", "detail471", "detail4", "astronau", "portrai", "fox char", "detai"],
    "common, filtered": ["fox", "style", "castle", "a"],
    "rare, filtered": ["detail4711", "detail1", "zebra", "detail"],
    "common, rare model": ["fox", "style", "castle", "a"],
}  # fmt: skip
FILTERS = {
    "common, filtered": {"favourite": "true", "since": "2025-06-01", "until": "2025-06-08"},
    "rare, filtered": {"favourite": "true"},
    "common, rare model": {"model": "rare-model"},
}
APART = {
    "phrases": ['"in the snow"', '"under two moons"', '"fox at dusk"', '"snow fox"', '"by the castle"'],
    "minus only": ["-fox", "-style", "-zebra", "-fox -castle", '-"at dusk"'],
}  # fmt: skip


def measure_searches(port: int, headers: Mapping[str, str]) -> dict[str, list[float]]:
    """Return the milliseconds of the first page of each search, by what kind of search it is."""
    return {
        kind: [_latency(port, q, FILTERS.get(kind, {}), headers) for q in queries]
        for kind, queries in {**WORDS, **APART}.items()
    }


def _latency(port: int, q: str, more: Mapping[str, str], headers: Mapping[str, str]) -> float:
    paths = [_path(q, size, more) for size in SIZES]
    return median(latencies(port, paths, headers, times=1))


def summary(found: Mapping[str, list[float]]) -> dict[str, tuple[float, float]]:
    """Return (p50, worst): of the searches for words in all, then of each kind."""
    words = [each for kind in WORDS for each in found[kind]]
    kinds = {f"{len(words)} searches": words, **found}
    return {kind: (median(times), max(times)) for kind, times in kinds.items()}


def _path(q: str, size: int, more: Mapping[str, str]) -> str:
    return "/api/images?" + urlencode({"limit": size, "q": q, **more})
