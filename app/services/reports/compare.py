"""Two periods, or two templates, side by side: success, latency, cost, favourites."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from statistics import NormalDist

from app.errors import InvalidInput
from app.models.reporting.latency_buckets import ERROR, percentile
from app.models.reporting.reading import read_latencies, read_sums
from app.models.reporting.sums import Measures, Wait
from app.services.reports.models import LATENCY
from app.services.reports.question import Question, ask, moment_in, require_known
from app.services.reports.report import Report, Row, added, each_usd, share, usage_columns
from app.services.reports.tagged import refuse_tag

# Below this a share is chance more often than not.
FEW = 30
_SURE = NormalDist().inv_cdf(0.975)  # of 95 times in a hundred
METHOD = (
    "Two shares differ when a two-proportion z test says so with 95% confidence, two percentiles when "
    f"their 95% confidence intervals do not meet; below {FEW} on either side nothing is said."
)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: its name and what happened."""

    name: str
    sums: Measures
    latencies: dict[int, int]

    @property
    def ended(self) -> int:
        return self.sums.succeeded + self.sums.failed


def compare(question: Question, other: Question) -> Report:
    """Return a row for each of two questions, and what differs; `other_side` gives the second.

    Raises InvalidInput for a tag, or where both are the same.
    """
    for each in (question, other):
        refuse_tag(each, "compare")
    if replace(other, by=question.by) == question:
        raise InvalidInput(
            "Compare two periods or two templates; these are the same.", field="other_template"
        )
    sides = [_side(question), _side(other)]
    rows = [{"side": name, **_columns(side)} for name, side in zip("ab", sides, strict=True)]
    notes = [LATENCY, METHOD, *_small(*sides)]
    return Report("compare", question, rows, {}, notes, {"differences": _differences(*sides)})


def other_side(
    question: Question,
    since: date | None = None,
    until: date | None = None,
    template: str | None = None,
) -> Question:
    """Return what a question is compared with: another time, another template, or both.

    With neither, it is as much time right before. Raises InvalidInput.
    """
    require_known("template", template, "other_template")
    length = question.until - question.since
    begin, end = question.since, question.until
    if since is None and until is None and template is None:
        begin, end = question.since - length, question.since
    elif since is not None or until is not None:
        first, last = (moment_in(given, question.zone) for given in (since, until))
        asked = ask(first, last or (first and first + length), question.by, question.zone.key)
        begin, end = (asked.since if since else asked.until - length), asked.until
    return replace(question, since=begin, until=end, template=template or question.template)


def _side(question: Question) -> _Side:
    span = question.whole.span
    sums = added(read_sums(question.wanted(), [span]).values())
    latencies = read_latencies(question.wanted(), Wait.PROVIDER, [span])
    name = question.name()
    if question.template:
        name = f"{question.template}, {name}"
    return _Side(name, sums, dict(latencies.get((0, ()), {})))


def _columns(side: _Side) -> Row:
    sums = side.sums
    return {
        "name": side.name,
        **usage_columns(sums),
        "success_rate": share(sums.succeeded, side.ended),
        "favourite_rate": share(sums.favourites, sums.images),
        "latency_p50_ms": _percentile(side, 0.5),
        "latency_p95_ms": _percentile(side, 0.95),
        "cost_per_image_usd": each_usd(sums.image_cost_microusd, sums.priced_images),
    }


def _percentile(side: _Side, of: float) -> int | None:
    found = percentile(side.latencies, of)
    return None if found is None else round(found)


def _differences(one: _Side, other: _Side) -> list[Row]:
    """Return, for each measure, how far the first is from the other, and whether that tells anything."""
    first, second = _columns(one), _columns(other)
    succeeded = (one.sums.succeeded, one.ended, other.sums.succeeded, other.ended)
    starred = (one.sums.favourites, one.sums.images, other.sums.favourites, other.sums.images)
    tells = {
        "success_rate": _shares_differ(*succeeded),
        "favourite_rate": _shares_differ(*starred),
        "latency_p50_ms": _latencies_differ(one, other, 0.5),
        "latency_p95_ms": _latencies_differ(one, other, 0.95),
        "cost_per_image_usd": _costs_differ(one, other),
    }
    return [
        {"measure": name, "difference": _minus(first[name], second[name]), "verdict": verdict}
        for name, verdict in tells.items()
    ]


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else round(first - second, 6)


def _costs_differ(one: _Side, other: _Side) -> str:
    """Return what prices say, which leave nothing to chance where there are some."""
    if min(one.sums.priced_images, other.sums.priced_images) < FEW:
        return "too few to tell"
    costs = [each_usd(s.sums.image_cost_microusd, s.sums.priced_images) for s in (one, other)]
    return "different" if costs[0] != costs[1] else "the same"


def _shares_differ(part: int, whole: int, other_part: int, other_whole: int) -> str:
    """Return what a two-proportion z test says of two shares."""
    if min(whole, other_whole) < FEW:
        return "too few to tell"
    pooled = (part + other_part) / (whole + other_whole)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / other_whole))
    apart = abs(part / whole - other_part / other_whole)
    return "different" if spread and apart > _SURE * spread else "may be chance"


def _latencies_differ(one: _Side, other: _Side, of: float) -> str:
    bounds = _bounds(one, of), _bounds(other, of)
    if not all(bounds):
        return "too few to tell"
    (low, high), (other_low, other_high) = bounds
    return "different" if low > other_high or other_low > high else "may be chance"


def _bounds(side: _Side, of: float) -> tuple[float, ...]:
    """Return between which durations a percentile lies with 95% confidence; nothing where few are known.

    By the ranks that a binomial distribution leaves it (Conover, "Practical Nonparametric Statistics"),
    widened by the error of the buckets.
    """
    number = sum(side.latencies.values())
    # A percentile near the end needs as many beyond it.
    if number * (1 - of) < FEW / 2:
        return ()
    spread = _SURE * math.sqrt(of * (1 - of) / number)
    low, high = (percentile(side.latencies, min(share, 1)) for share in (of - spread, of + spread))
    return ((low or 0) * (1 - ERROR), (high or 0) * (1 + ERROR))


def _small(*sides: _Side) -> list[str]:
    return [
        f"{side.name}: only {side.ended:,} generations have ended, too few to tell much."
        for side in sides
        if side.ended < FEW
    ]
