"""How models do, side by side."""

from __future__ import annotations

from app.services.reports.models import models as report_models
from app.services.reports.report import Report, Row
from app.web.charts.numbers import count, full_money, percent, seconds
from app.web.reporting.asked import Asked
from app.web.reporting.parts import Card, Page, Tile
from app.web.reporting.ranking import ranking
from app.web.reporting.tables import table_of
from app.web.texts import say

COLUMNS = (
    *("model", "provider", "size", "images", "favourites", "generations", "succeeded", "failures"),
    *("cancelled", "success_rate", "cost_usd", "unpriced", "cost_per_image_usd", "bytes"),
    *("latency_p50_ms", "latency_p95_ms", "latency_p99_ms"),
)
# In which order the cards come, and what a card is about.
MEASURES = ("images", "success_rate", "latency_p50_ms", "cost_per_image_usd")
MOST = 20


def models(asked: Asked) -> Page:
    """Return the page of how models do."""
    report = report_models(asked.question)
    table = table_of(report.rows, COLUMNS, report.totals)
    cards = [_card(report, measure) for measure in MEASURES]
    cards.append(Card(say("reports.all_numbers"), table=table, kind="wide"))
    return Page(
        tiles=_tiles(report),
        cards=[card for card in cards if card.items or card.table],
        notes=report.notes,
        csv=asked.csv(),
        report="models",
        empty=not report.rows,
    )


def _card(report: Report, measure: str) -> Card:
    items = ranking(report.rows[:MOST], _name, measure, "model", _size)
    return Card(say(f"reports.models_{measure}"), items=items)


def _name(row: Row) -> str:
    return row["model"] or say("reports.none")


def _size(row: Row) -> str:
    return row["size"] or ""


def _tiles(report: Report) -> list[Tile]:
    totals = report.totals
    told = (
        ("images", count),
        ("success_rate", percent),
        ("latency_p50_ms", lambda value: seconds(value / 1000)),
        ("cost_per_image_usd", full_money),
    )
    return [
        Tile(say(f"reports.column_{name}"), "–" if totals[name] is None else form(totals[name]))
        for name, form in told
    ]
