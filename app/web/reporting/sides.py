"""Two times, or two templates, side by side."""

from __future__ import annotations

from app.services.reports.compare import compare
from app.services.reports.report import Report, Row
from app.web.charts.small import meter
from app.web.reporting.asked import Asked
from app.web.reporting.labels import time_of
from app.web.reporting.parts import Page
from app.web.reporting.tables import NOTHING, heading, written
from app.web.texts import say

COLUMNS = (
    *("generations", "succeeded", "failures", "cancelled", "success_rate", "images", "favourites"),
    *("favourite_rate", "latency_p50_ms", "latency_p95_ms", "cost_usd", "unpriced"),
    *("cost_per_image_usd", "bytes"),
)
VERDICTS = {
    "different": "differs",
    "the same": "same",
    "may be chance": "chance",
    "too few to tell": "few",
}


def sides(asked: Asked) -> Page:
    """Return the page of a comparison. `more` has their times and templates, and a row a measure."""
    other = asked.other()
    report = compare(asked.question, other)
    times = {"other_since": other.since.isoformat(), "other_until": other.until.isoformat()}
    template = {"other_template": other.template} if other.template else {}
    return Page(
        notes=report.notes,
        csv=asked.csv(**times, **template),
        report="compare",
        empty=not any(row["generations"] or row["images"] for row in report.rows),
        more={
            "sides": [(time_of(each), each.template) for each in (asked.question, other)],
            "rows": _measures(report),
        },
    )


def _measures(report: Report) -> list[dict[str, object]]:
    first, second = report.rows
    told = {each["measure"]: each for each in report.more["differences"]}
    return [_measure(name, first[name], second[name], told.get(name)) for name in COLUMNS]


def _measure(
    name: str, first: float | None, second: float | None, told: Row | None
) -> dict[str, object]:
    top = max(first or 0, second or 0)
    verdict = VERDICTS[told["verdict"]] if told else ""
    return {
        "name": heading(name),
        "values": [written(name, first), written(name, second)],
        "bars": [meter(first or 0, top, 0), meter(second or 0, top, 1)],
        "difference": _difference(name, first, second),
        "verdict": say(f"reports.verdict_{verdict}") if verdict else "",
        "kind": verdict,
    }


def _difference(name: str, first: float | None, second: float | None) -> str:
    if first is None or second is None:
        return NOTHING
    apart = first - second
    sign = "+" if apart > 0 else "−" if apart < 0 else "±"  # noqa: RUF001 - the sign of minus
    told = written(name, round(abs(apart), 6))
    if name.endswith("_rate"):
        # A share less a share is no share.
        return sign + say("reports.points", apart=told.removesuffix("%"))
    return sign + told
