"""How models do: images, success, latency and what an image costs, by model and size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from app.models.reporting import latency_buckets
from app.models.reporting.reading import Counts, read_latencies
from app.models.reporting.sums import Measures, Wait
from app.services.reports.names import columns
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, each_usd, share, usage_columns
from app.services.reports.tagged import TAGGED
from app.services.reports.usage import sums_of

DIMENSIONS = ("provider", "model", "size")
SHARES = (50, 95, 99)
LATENCY = (
    "Latencies are the provider's time for an image: percentiles by nearest rank, within 2.5% of the "
    "exact ones."
)


def models(question: Question) -> Report:
    """Return a row for each provider, model and size of an image, the most used first."""
    found = sums_of(question, DIMENSIONS, [question.whole])
    sums = {values: each for (_, values), each in found.items()}
    latencies = {} if question.tag else _latencies(question)
    most_used = sorted(sums, key=lambda values: (-sums[values].images, values))
    rows = [
        {**columns(DIMENSIONS, values), **_columns(sums[values], latencies.get(values, {}))}
        for values in most_used
    ]
    notes = [TAGGED, "Latencies are not known by tag."] if question.tag else [LATENCY]
    return Report(
        "models",
        question,
        rows,
        _columns(added(sums.values()), together(latencies.values())),
        notes,
    )


def together(parts: Iterable[Counts]) -> Counts:
    """Return all durations of several parts."""
    found: Counts = defaultdict(int)
    for counts in parts:
        for bucket, count in counts.items():
            found[bucket] += count
    return found


def percentiles(counts: Any, prefix: str) -> Row:
    """Return the percentiles of durations in milliseconds; None of nothing."""
    found = latency_buckets.percentiles(counts, [each / 100 for each in SHARES])
    return {
        f"{prefix}_p{share}_ms": None if each is None else round(each)
        for share, each in zip(SHARES, found, strict=True)
    }


def _latencies(question: Question) -> dict[tuple[Any, ...], Any]:
    wanted = question.wanted(*DIMENSIONS)
    found = read_latencies(wanted, Wait.PROVIDER, [question.whole.span])
    return {values: counts for (_, values), counts in found.items()}


def _columns(sums: Measures, latencies: Any) -> Row:
    return {
        **usage_columns(sums),
        "success_rate": share(sums.succeeded, sums.succeeded + sums.failed),
        "cost_per_image_usd": each_usd(sums.image_cost_microusd, sums.priced_images),
        **percentiles(latencies, "latency"),
    }
