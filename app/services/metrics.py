"""Metrics in Prometheus's text format.

Import this file when they are asked for and not before: prometheus_client takes a tenth of a second.
What generations came to is read from counts in the database, so that it is the same whichever server
process answers; what concerns that process alone bears its id.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from app import __version__
from app.extensions import measures
from app.measures import REQUEST_BOUNDS, Measures
from app.models import Status
from app.models.tally import Key, tallies
from app.models.types import MICRO, utc_now
from app.services.health import workers
from app.services.provider_calls import provider_calls
from app.services.queue_state import depths
from app.services.tallies import (
    BEYOND,
    BOUNDS,
    CALL,
    CALL_ERRORS,
    COST,
    ERRORS,
    GENERATIONS,
    IMAGES,
    QUEUE,
    RUN,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# What is counted: its name here, what it is, and what its label tells.
COUNTERS = {
    GENERATIONS: ("proofsheet_generations", "Generations that ended, by outcome.", "outcome"),
    ERRORS: (
        "proofsheet_generation_errors",
        "Generations that ended with an error, some of their pictures or all missing, by its code.",
        "code",
    ),
    IMAGES: ("proofsheet_images", "Pictures of generations that ended.", None),
    COST: (
        "proofsheet_cost_dollars",
        "Cost of generations that ended, in US dollars, as far as it is known.",
        None,
    ),
    CALL_ERRORS: (
        "proofsheet_provider_errors",
        "Calls to a provider that failed, by code.",
        "code",
    ),
}
HISTOGRAMS = {
    QUEUE: ("proofsheet_generation_queue_seconds", "From the request until drawing began."),
    RUN: (
        "proofsheet_generation_duration_seconds",
        "From when drawing began until the end, waits for a busy provider included.",
    ),
    CALL: ("proofsheet_provider_call_seconds", "Calls to a provider, failed ones included."),
}
OF_MODEL = ("provider", "model")
OF_PROCESS = "process"
Sums = Mapping[Key, tuple[int, float]]


def render() -> bytes:
    """Return all metrics as text. Reads the database, in an app context."""
    provider_calls().book()  # what this very process drew, if anything
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Proofsheet())
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Proofsheet(Collector):
    """All but what the operating system tells of this process."""

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with its samples."""
        yield InfoMetricFamily("proofsheet_build", "The version.", {"version": __version__})
        yield from _counted()
        yield from _queue()
        yield from _workers()
        yield from _measured(measures())


def _counted() -> Iterator[Metric]:
    by_name: dict[str, dict[Key, tuple[int, float]]] = defaultdict(dict)
    for key, count, seconds in tallies():
        by_name[key.name][key] = count, seconds
    for name, (metric, text, label) in COUNTERS.items():
        labels = (*OF_MODEL, label) if label else OF_MODEL
        family = CounterMetricFamily(metric, text, labels=labels)
        unit = MICRO if name == COST else 1
        for key, (count, _) in by_name[name].items():
            family.add_metric(key[1 : len(labels) + 1], count / unit)
        yield family
    for name, (metric, text) in HISTOGRAMS.items():
        yield _histogram(metric, text, BOUNDS[name], by_name[name])


def _histogram(metric: str, text: str, bounds: tuple[float, ...], sums: Sums) -> Metric:
    family = HistogramMetricFamily(metric, text, labels=OF_MODEL)
    labels = [*(f"{bound:g}" for bound in bounds), BEYOND]
    for name, provider, model in sorted({key[:3] for key in sums}):
        found = [sums.get(Key(name, provider, model, label), (0, 0.0)) for label in labels]
        counts = [count for count, _ in found]
        seconds = sum(each for _, each in found)
        family.add_metric((provider, model), _buckets(labels, counts), seconds)
    return family


def _buckets(labels: Iterable[str], counts: Iterable[int]) -> list[tuple[str, float]]:
    """Return how many there were up to each bound, as Prometheus counts."""
    return [(label, float(count)) for label, count in zip(labels, accumulate(counts), strict=True)]


def _queue() -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "proofsheet_generations_queued", "Generations that wait for their turn.", labels=OF_MODEL
    )
    running = GaugeMetricFamily(
        "proofsheet_generations_running", "Generations under way.", labels=OF_MODEL
    )
    families = {Status.QUEUED: waiting, Status.RUNNING: running}
    oldest = now = utc_now()
    for each in depths():
        families[each.status].add_metric((each.provider, each.model), each.count)
        if each.status == Status.QUEUED:
            oldest = min(oldest, each.oldest)
    yield from families.values()
    yield GaugeMetricFamily(
        "proofsheet_queue_oldest_seconds",
        "How long the generation waits that has waited longest; 0: none does.",
        (now - oldest).total_seconds(),
    )


def _workers() -> Iterator[Metric]:
    found = workers()
    yield GaugeMetricFamily(
        "proofsheet_workers", "Workers that are alive.", sum(each.alive for each in found)
    )
    silence = GaugeMetricFamily(
        "proofsheet_worker_heartbeat_age_seconds",
        "How long ago each worker was last seen.",
        labels=("worker",),
    )
    for each in found:
        silence.add_metric((each.name,), each.silent_seconds)
    yield silence


def _measured(found: Measures) -> Iterator[Metric]:
    process = str(os.getpid())
    labels = (OF_PROCESS, "method", "route")
    requests = CounterMetricFamily(
        "proofsheet_http_requests",
        "Requests that this server process answered.",
        labels=(*labels, "status"),
    )
    for (method, route, status), count in sorted(found.statuses().items()):
        requests.add_metric((process, method, route, str(status)), count)
    yield requests
    durations = HistogramMetricFamily(
        "proofsheet_http_request_duration_seconds",
        "Requests to this server process, until the answer began.",
        labels=labels,
    )
    bounds = [*(f"{bound:g}" for bound in REQUEST_BOUNDS), BEYOND]
    for (method, route), spread in sorted(found.requests().items()):
        buckets = _buckets(bounds, spread.counts)
        durations.add_metric((process, method, route), buckets, spread.seconds)
    yield durations
    unsaved = CounterMetricFamily(
        "proofsheet_unsaved_answers",
        "Pictures that programs got through this server process and that could not be kept.",
        labels=(OF_PROCESS,),
    )
    unsaved.add_metric((process,), found.unsaved())
    yield unsaved
    count, seconds = found.statements()
    for metric, text, value in (
        ("proofsheet_database_statements", "Statements of this server process.", float(count)),
        ("proofsheet_database_seconds", "Seconds that those took, locks included.", seconds),
    ):
        family = CounterMetricFamily(metric, text, labels=(OF_PROCESS,))
        family.add_metric((process,), value)
        yield family
