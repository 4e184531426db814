"""How models do: images, success, latency and what an image costs, by model and size."""

from __future__ import annotations

from typing import Any

from app.models.reporting.latency_buckets import percentile
from app.models.reporting.reading import read_latencies
from app.models.reporting.sums import Measures, Wait
from app.services.reports.names import Labels
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, each_usd, share, usage_columns
from app.services.reports.tagged import TAGGED
from app.services.reports.usage import sums_of

DIMENSIONS = ("provider", "model", "size")
LATENCY = (
    "Latencies are the provider's time for an image: percentiles by nearest rank, within 2.5% of the "
    "exact ones."
)


def models(question: Question) -> Report:
    """Return a row for each provider, model and size of an image, the most used first."""
    found = sums_of(question, DIMENSIONS, [question.whole])
    sums = {values: each for (_, values), each in found.items()}
    latencies = {} if question.tag else _latencies(question)
    labels = Labels(DIMENSIONS, sums)
    most_used = sorted(sums, key=lambda values: (-sums[values].images, values))
    rows = [
        {**labels.columns(values), **_columns(sums[values], latencies.get(values, {}))}
        for values in most_used
    ]
    together: dict[int, int] = {}
    for each in latencies.values():
        for bucket, count in each.items():
            together[bucket] = together.get(bucket, 0) + count
    notes = [TAGGED, "Latencies are not known by tag."] if question.tag else [LATENCY]
    return Report("models", question, rows, _columns(added(sums.values()), together), notes)


def percentiles(counts: Any, prefix: str) -> Row:
    """Return the percentiles of durations in milliseconds; None of nothing."""
    return {
        f"{prefix}_p{name}_ms": None if found is None else round(found)
        for name, found in ((each, percentile(counts, each / 100)) for each in (50, 95, 99))
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
