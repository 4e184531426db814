"""What failed and why, and what to do about it."""

from __future__ import annotations

from datetime import datetime

from app.services.reports.failures import failures
from app.services.reports.report import Report, Row, share
from app.services.reports.usage import usage
from app.web.charts.numbers import count, percent
from app.web.charts.plot import Series
from app.web.charts.small import meter, spark
from app.web.reporting.asked import Asked
from app.web.reporting.draw import bar_card, column
from app.web.reporting.parts import Card, Page, Tile
from app.web.reporting.tables import table_of
from app.web.texts import say

COLUMNS = ("reason", "kind", "provider", "model", "failures", "share", "advice")


def failed(asked: Asked) -> Page:
    """Return the page of what failed. `more` are its reasons, each with its bar and its rows."""
    question = asked.question
    report = failures(question)
    over_time = usage(question)
    cards = [
        bar_card(
            say(f"reports.failures_by_{question.by}"),
            question,
            [Series(say("reports.column_failures"), column(over_time.rows, "failures"))],
            kind="failing",
        ),
        Card(
            say("reports.all_numbers"),
            table=table_of(report.rows, COLUMNS),
            kind="wide",
        ),
    ]
    rates = [share(row["failures"], row["succeeded"] + row["failures"]) for row in over_time.rows]
    return Page(
        tiles=_tiles(report, spark(rates)),
        cards=cards if report.rows else (),
        notes=report.notes,
        csv=asked.csv(),
        report="failures",
        empty=not report.totals["generations"],
        more=_reasons(report),
    )


def _tiles(report: Report, line: object) -> list[Tile]:
    totals = report.totals
    rates = [
        Tile(
            say(f"reports.tile_{name}"),
            "–" if totals[rate] is None else percent(totals[rate]),
            say("reports.tile_count", n=totals[name]),
            line if name == "failures" else None,  # type: ignore[arg-type]
        )
        for name, rate in (("failures", "failure_rate"), ("refusals", "refusal_rate"))
    ]
    return [
        *rates,
        Tile(say("reports.tile_faults"), count(totals["faults"])),
        Tile(say("reports.column_generations"), count(totals["generations"])),
    ]


def _example(one: Row) -> Row:
    return {**one, "created_at": datetime.fromisoformat(one["created_at"])}


def _reasons(report: Report) -> list[dict[str, object]]:
    """Return each reason once, the most frequent first, with the models that it struck."""
    found: dict[str, dict[str, object]] = {}
    numbers: dict[str, int] = {}
    for row in report.rows:
        reason = row["reason"]
        each = found.setdefault(
            reason, {"reason": reason, "kind": row["kind"], "advice": row["advice"], "rows": []}
        )
        each["rows"].append({**row, "examples": [_example(one) for one in row["examples"]]})  # type: ignore[attr-defined]
        numbers[reason] = numbers.get(reason, 0) + row["failures"]
    top = max(numbers.values(), default=0)
    for reason, each in found.items():
        each["number"] = count(numbers[reason])
        each["bar"] = meter(numbers[reason], top, 0)
    return sorted(found.values(), key=lambda each: -numbers[str(each["reason"])])
