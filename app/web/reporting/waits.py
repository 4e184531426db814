"""How long things take: in the queue and at the provider."""

from __future__ import annotations

from collections.abc import Sequence

from app.services.reports.latency import latency
from app.services.reports.models import SHARES
from app.services.reports.report import Report, Row
from app.web.charts.numbers import seconds
from app.web.charts.plot import Series
from app.web.charts.small import spark
from app.web.reporting.asked import Asked
from app.web.reporting.draw import HALF_WIDTH, WHOLE_WIDTH, busiest, column, line_card
from app.web.reporting.parts import Card, Page, Tile
from app.web.reporting.tables import table_of
from app.web.texts import say

COLUMNS = tuple(
    name
    for number, kind in (("begun", "queue"), ("images", "provider"))
    for name in (number, *(f"{kind}_p{share}_ms" for share in SHARES))
)


def waits(asked: Asked) -> Page:
    """Return the page of how long things took."""
    question = asked.question
    report = latency(question)
    parts = busiest(latency(question, asked.split), "provider_p50_ms", "images")
    everything = table_of(report.rows, ("period", *COLUMNS), report.totals)
    cards = [
        _card("provider", report, WHOLE_WIDTH, table=everything),
        _card("queue", report, HALF_WIDTH),
        line_card(
            say(f"reports.waits_by_{asked.split}"),
            question,
            [Series(each.name, _seconds(each.values), each.mark) for each in parts],
            form=seconds,
            axis=seconds,
        ),
    ]
    return Page(
        tiles=[_tile(report, kind, share) for kind in ("provider", "queue") for share in (50, 95)],
        cards=cards,
        notes=report.notes,
        csv=asked.csv(),
        report="latency",
        empty=not report.totals["begun"] and not report.totals["images"],
    )


def in_seconds(rows: Sequence[Row], kind: str, shares: Sequence[int]) -> list[Series]:
    """Return the percentiles of a wait as series; the shortest is the first."""
    return [
        Series(say(f"reports.series_{share}"), _seconds(column(rows, f"{kind}_p{share}_ms")), mark)
        for mark, share in enumerate(shares)
    ]


def _seconds(values: Sequence[float | None]) -> list[float | None]:
    return [None if each is None else each / 1000 for each in values]


def _card(kind: str, report: Report, sizes: Sequence[object], **more: object) -> Card:
    return line_card(
        say(f"reports.waits_{kind}"),
        report.question,
        in_seconds(report.rows, kind, SHARES),
        form=seconds,
        axis=seconds,
        sizes=sizes,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def _tile(report: Report, kind: str, share: int) -> Tile:
    value = report.totals[f"{kind}_p{share}_ms"]
    number = report.totals["images" if kind == "provider" else "begun"]
    return Tile(
        say(f"reports.tile_{kind}_{share}"),
        "–" if value is None else seconds(value / 1000),
        say("reports.tile_measured", n=number),
        spark(column(report.rows, f"{kind}_p{share}_ms")),
    )
