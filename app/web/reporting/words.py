"""With which words: the prompts of each list with their newest pictures, and words and phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from app.models.prompt_row import newest_of
from app.services.reports.prompts import prompts
from app.services.reports.report import Report, Row
from app.web.charts.numbers import count
from app.web.charts.small import meter
from app.web.moments import date_and_time
from app.web.reporting.asked import Asked
from app.web.reporting.parts import Card, Item, Page, Tile
from app.web.reporting.ranking import ranking
from app.web.reporting.tables import table_of
from app.web.texts import say

# By list: what its bars are as long as. Those of most_kept are shares.
LISTS = {
    "most_used": "uses",
    "most_kept": "share",
    "most_recent": "uses",
    "most_failed": "failures",
    "never_reused": "images",
}
COLUMNS = ("rank", "text", "uses", "images", "favourites", "failures", "last_used_at")
TOP = 8


def words(asked: Asked) -> Page:
    """Return the page of prompts and words."""
    report = prompts(asked.question)
    cards = [_card(report, name) for name in LISTS]
    cards += [
        Card(
            say(f"reports.{name}s", n=report.more["words_from"]),
            items=ranking(report.more[f"{name}s"], itemgetter(name), "count", "q"),
            kind="of-words",
        )
        for name in ("word", "phrase")
    ]
    return Page(
        tiles=_tiles(report),
        cards=[card for card in cards if card.items],
        notes=report.notes,
        csv=asked.csv(),
        report="prompts",
        empty=not report.rows,
    )


def top_prompts(asked: Asked) -> Card:
    """Return the prompts used most alone: a part of the first page that comes after it."""
    report = prompts(asked.question, TOP)
    card = _card(report, "most_used")
    return replace(card, title=say("reports.top_prompts"), kind="wide of-prompts")


def _card(report: Report, name: str) -> Card:
    rows = [row for row in report.rows if row["list"] == name]
    return Card(
        say(f"reports.list_{name}"),
        items=_items(rows, LISTS[name]),
        table=table_of([_shown(row, report.question.zone) for row in rows], COLUMNS)
        if rows
        else None,
        said=say(f"reports.list_{name}_said"),
        empty=say("reports.nothing_drawn"),
        kind="of-prompts",
    )


def _shown(row: Row, zone: ZoneInfo) -> Row:
    """Return a row with its time as one reads it."""
    last = row["last_used_at"]
    told = last and date_and_time(datetime.fromisoformat(last).astimezone(zone))
    return {**row, "last_used_at": told}


def _items(rows: Sequence[Row], value: str) -> list[Item]:
    lengths = [_length(row, value) for row in rows]
    pictures = newest_of(row["prompt_id"] for row in rows)
    return [
        Item(
            row["text"],
            _said(row, value),
            meter(length, max(lengths)),
            find={"prompt_id": row["prompt_id"]},
            prompt=True,
            picture=pictures.get(row["prompt_id"]),
        )
        for row, length in zip(rows, lengths, strict=True)
    ]


def _length(row: Row, value: str) -> float:
    return row["favourites"] / row["images"] if value == "share" else float(row[value])


def _said(row: Row, value: str) -> str:
    if value == "share":
        return say("reports.n_kept", part=count(row["favourites"]), whole=count(row["images"]))
    return say(f"reports.n_{value}", n=row[value])


def _tiles(report: Report) -> list[Tile]:
    told = ("generations", "images", "favourites", "failures")
    return [Tile(say(f"reports.column_{name}"), count(report.totals[name])) for name in told]
