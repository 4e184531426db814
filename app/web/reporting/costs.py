"""What it cost, and what is left of the budgets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.services.reports.cost import cost
from app.services.reports.report import Report, Row
from app.web.charts.numbers import axis_money, full_money, money
from app.web.charts.small import meter, spark
from app.web.reporting.asked import Asked
from app.web.reporting.draw import bar_card, column, series_by
from app.web.reporting.labels import day_of
from app.web.reporting.overview import unpriced
from app.web.reporting.parts import Card, Item, Page, Tile
from app.web.reporting.tables import table_of
from app.web.texts import say

COLUMNS = ("period", "generations", "images", "cost_usd", "unpriced")


def costs(asked: Asked) -> Page:
    """Return the page of what it cost."""
    question = asked.question
    report = cost(question)
    parts = cost(question, asked.split)
    over_time = bar_card(
        say(f"reports.cost_by_{question.by}"),
        question,
        series_by(parts, "cost_usd"),
        form=full_money,
        axis=axis_money,
        whole=False,
        said=unpriced(report.totals["unpriced"]),
    )
    everything = Card(
        say("reports.all_numbers"),
        table=table_of(report.rows, COLUMNS, report.totals),
        kind="wide",
    )
    return Page(
        tiles=_tiles(report),
        cards=[over_time, *_budgets(report.more["month"]["budgets"]), everything],
        notes=report.notes,
        csv=asked.csv(),
        report="cost",
        empty=not report.totals["generations"] and not report.totals["images"],
    )


def _tiles(report: Report) -> list[Tile]:
    totals, month = report.totals, report.more["month"]
    each = totals["cost_per_image_usd"]
    return [
        Tile(
            say("reports.tile_spend"),
            money(totals["cost_usd"]),
            unpriced(totals["unpriced"]),
            spark(column(report.rows, "cost_usd")),
        ),
        Tile(say("reports.tile_each"), "–" if each is None else full_money(each)),
        Tile(say("reports.tile_month"), money(month["to_date_usd"]), unpriced(month["unpriced"])),
        Tile(
            say("reports.tile_projected"),
            money(month["projected_usd"]),
            say("reports.tile_until", day=_day(month["end"])),
        ),
    ]


def _budgets(budgets: list[Row]) -> list[Card]:
    if not budgets:
        return []
    return [Card(say("reports.budgets"), items=[_budget(each) for each in budgets], kind="wide")]


def _budget(budget: dict[str, Any]) -> Item:
    limit = budget["limit_usd"]
    used = budget["spent_usd"] + budget["reserved_usd"]
    told = {name: full_money(budget[f"{name}_usd"] or 0) for name in ("spent", "reserved", "left")}
    key = "budget_said" if limit is not None else "budget_unlimited"
    return Item(
        say(f"reports.budget_{budget['period']}", whose=budget["key"] or say("reports.budget_all")),
        money(used)
        if limit is None
        else say("reports.tile_of", part=money(used), whole=money(limit)),
        meter(used, limit or 0),
        say(f"reports.{key}", day=_day(budget["resets_at"]), **told),
    )


def _day(stamp: str) -> str:
    return day_of(datetime.fromisoformat(stamp))
