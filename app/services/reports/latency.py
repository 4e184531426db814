"""How long things take: until a generation is begun, and the provider's time for an image."""

from __future__ import annotations

from typing import Any

from app.models.reporting.reading import Counts, Part, read_latencies
from app.models.reporting.sums import Wait
from app.services.reports.models import percentiles, together
from app.services.reports.names import by_name, columns, dimensions_of
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, period_columns
from app.services.reports.tagged import refuse_tag

METHOD = (
    "Percentiles by nearest rank, within 2.5% of the exact ones (durations are kept in logarithmic "
    "buckets, as DDSketch does). queue: from the request until it is begun, of each generation; "
    "provider: the provider's time, of each image."
)


def latency(question: Question, split: str | None = None) -> Report:
    """Return a row for each period, with percentiles of both waits. Raises InvalidInput."""
    refuse_tag(question, "latency")
    dimensions = dimensions_of(split)
    periods = question.periods()
    spans = [period.span for period in periods]
    wanted = question.wanted(*dimensions)
    found = {
        wait: by_name(dimensions, read_latencies(wanted, wait, spans), together) for wait in Wait
    }
    combinations = sorted({values for parts in found.values() for _, values in parts})
    rows = [
        {
            **period_columns(period),
            **columns(dimensions, values),
            **_columns(found, (index, values)),
        }
        for index, period in enumerate(periods)
        for values in combinations or ([] if dimensions else [()])
    ]
    whole = {wait: {(0, ()): together(parts.values())} for wait, parts in found.items()}
    return Report("latency", question, rows, _columns(whole, (0, ())), [METHOD, *question.cuts()])


def _columns(found: dict[Wait, dict[Part, Counts]], part: Part) -> Row:
    told: dict[str, Any] = {}
    names = {Wait.QUEUE: ("begun", "queue"), Wait.PROVIDER: ("images", "provider")}
    for wait, (number, prefix) in names.items():
        counts = found[wait].get(part, {})
        told[number] = sum(counts.values())
        told.update(percentiles(counts, prefix))
    return told
