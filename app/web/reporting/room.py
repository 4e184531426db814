"""The room that everything takes."""

from __future__ import annotations

from app.services.reports.report import Row
from app.services.reports.storage import storage
from app.web.charts.numbers import count
from app.web.charts.numbers import size as bytes_told
from app.web.charts.patterns import swatch
from app.web.charts.plot import Series
from app.web.charts.small import parts, spark
from app.web.reporting.asked import Asked
from app.web.reporting.draw import HALF_WIDTH, WHOLE_WIDTH, bar_card, column, line_card
from app.web.reporting.parts import Card, Page, Sign, Tile
from app.web.reporting.tables import table_of
from app.web.texts import say

COLUMNS = (
    *("period", "images", "picture_bytes", "thumbnail_bytes", "deleted_images", "purge_bytes"),
    "kept_bytes",
)
PARTS = ("picture_bytes", "thumbnail_bytes", "rows_and_indexes_bytes", "free_bytes")


def room(asked: Asked) -> Page:
    """Return the page of what takes how much room."""
    question = asked.question
    report = storage(question)
    rows, database = report.rows, report.more["database"]
    added = [
        Series(say(f"reports.column_{name}"), column(rows, name), mark)
        for mark, name in enumerate(("picture_bytes", "thumbnail_bytes"))
    ]
    kept = Series(say("reports.column_kept_bytes"), column(rows, "kept_bytes"))
    cards = [
        _database(database),
        bar_card(
            say(f"reports.bytes_by_{question.by}"),
            question,
            added,
            form=bytes_told,
            axis=bytes_told,
            sizes=HALF_WIDTH,
            table=table_of(rows, COLUMNS, report.totals),
        ),
        line_card(say("reports.kept"), question, [kept], form=bytes_told, axis=bytes_told),
    ]
    return Page(
        tiles=_tiles(database, rows),
        cards=cards,
        notes=report.notes,
        csv=asked.csv(),
        report="storage",
        empty=not database["images"],
    )


def _tiles(database: Row, rows: list[Row]) -> list[Tile]:
    return [
        Tile(
            say("reports.tile_kept"),
            count(database["images"]),
            say("reports.tile_deleted", n=database["deleted_images"]),
            spark(column(rows, "images")),
        ),
        Tile(
            say("reports.column_picture_bytes"),
            bytes_told(database["picture_bytes"]),
            "",
            spark(column(rows, "kept_bytes")),
        ),
        Tile(say("reports.column_purge_bytes"), bytes_told(database["purge_bytes"])),
        Tile(say("reports.column_database_bytes"), bytes_told(database["database_bytes"])),
    ]


def _database(database: Row) -> Card:
    """Return what the database is filled with, as one bar of parts."""
    there = [name for name in PARTS if database[name]]
    told = [f"{say(f'reports.column_{name}')}: {bytes_told(database[name])}" for name in there]
    values = [(text, database[name]) for name, text in zip(there, told, strict=True)]
    return Card(
        say("reports.database"),
        legend=[Sign(swatch(mark), text) for mark, text in enumerate(told)],
        table=table_of([database], ("images", "deleted_images", *PARTS, "database_bytes")),
        charts=[parts(values, "; ".join(told), size) for size in WHOLE_WIDTH],
        kind="wide",
    )
