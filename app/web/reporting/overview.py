"""The first page: what was made, what failed, what it cost and how long it took, at a glance."""

from __future__ import annotations

from app.services.reports.latency import latency
from app.services.reports.report import Report, Row, share
from app.services.reports.usage import usage
from app.web.charts.numbers import axis_money, count, full_money, money, percent, seconds
from app.web.charts.patterns import MARKS
from app.web.charts.plot import Series
from app.web.charts.small import spark
from app.web.reporting.asked import Asked
from app.web.reporting.draw import HALF_WIDTH, bar_card, column, line_card, series_by
from app.web.reporting.parts import Card, Page, Tile
from app.web.reporting.tables import table_of
from app.web.reporting.waits import in_seconds
from app.web.texts import say

OUTCOMES = ("generations", "succeeded", "failures", "cancelled", "images", "favourites", "bytes")
COSTS = ("cost_usd", "unpriced")


def overview(asked: Asked) -> Page:
    """Return the page of what was made."""
    question = asked.question
    made = usage(question)
    # What failed has no images, so waits are not known by tag.
    waits = None if question.tag else latency(question)
    images = series_by(usage(question, asked.split), "images")
    cards = [
        bar_card(say(f"reports.images_by_{question.by}"), question, images),
        _failures(made),
        _cost(made),
        *([_waits(waits)] if waits else []),
        _all(made),
    ]
    return Page(
        tiles=_tiles(made, waits),
        cards=cards,
        notes=made.notes,
        csv=asked.csv(),
        report="usage",
        empty=not made.totals["generations"] and not made.totals["images"],
    )


def _tiles(made: Report, waits: Report | None) -> list[Tile]:
    totals, rows = made.totals, made.rows
    ended = totals["succeeded"] + totals["failures"]
    failed = [share(row["failures"], row["succeeded"] + row["failures"]) for row in rows]
    tiles = [
        Tile(
            say("reports.tile_images"),
            count(totals["images"]),
            say("reports.tile_favourites", n=totals["favourites"]),
            spark(column(rows, "images")),
        ),
        Tile(
            say("reports.tile_failed"),
            percent(totals["failures"] / ended) if ended else "–",
            say("reports.tile_of", part=count(totals["failures"]), whole=count(ended)),
            spark(failed),
        ),
        Tile(
            say("reports.tile_spend"),
            money(totals["cost_usd"]),
            unpriced(totals["unpriced"]),
            spark(column(rows, "cost_usd")),
        ),
    ]
    return [*tiles, *([_wait(waits)] if waits else [])]


def _wait(waits: Report) -> Tile:
    median, slow = (waits.totals[f"provider_p{each}_ms"] for each in (50, 95))
    return Tile(
        say("reports.tile_wait"),
        "–" if median is None else seconds(median / 1000),
        "" if slow is None else say("reports.tile_slow", time=seconds(slow / 1000)),
        spark(column(waits.rows, "provider_p50_ms")),
    )


def unpriced(number: int) -> str:
    """Return how many have no price; nothing of none."""
    return say("reports.unpriced", n=number) if number else ""


def _failures(made: Report) -> Card:
    failed = Series(say("reports.column_failures"), column(made.rows, "failures"))
    return bar_card(
        say(f"reports.failures_by_{made.question.by}"),
        made.question,
        [failed],
        sizes=HALF_WIDTH,
        kind="failing",
    )


def _cost(made: Report) -> Card:
    cost = Series(say("reports.column_cost_usd"), column(made.rows, "cost_usd"))
    return bar_card(
        say(f"reports.cost_by_{made.question.by}"),
        made.question,
        [cost],
        form=full_money,
        axis=axis_money,
        whole=False,
        sizes=HALF_WIDTH,
        said=unpriced(made.totals["unpriced"]),
    )


def _waits(waits: Report) -> Card:
    return line_card(
        say("reports.waits_title"),
        waits.question,
        in_seconds(waits.rows, "provider", (50, 95)),
        form=seconds,
        axis=seconds,
    )


def _all(made: Report) -> Card:
    names = ("period", *OUTCOMES, *COSTS)
    ended: list[Row] = made.rows
    outcome = [
        Series(say(f"reports.column_{name}"), column(ended, name), mark)
        for mark, name in enumerate(("succeeded", "failures", "cancelled"))
    ]
    return bar_card(
        say("reports.outcomes"),
        made.question,
        outcome[:MARKS],
        sizes=HALF_WIDTH,
        table=table_of(made.rows, names, made.totals),
        kind="outcomes",
    )
