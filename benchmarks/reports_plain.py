"""What reports tell, asked of the rows themselves in plain SQL, as one would without any sums."""

# ruff: noqa: S608 - no text here is anybody's but our own

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.extensions import db
from app.models.types import MICRO

Rows = list[dict[str, Any]]
WITHIN = "created_at >= :since AND created_at < :until"
DAY = {"sqlite": "date({})", "postgresql": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"}
# The number by nearest rank, in the rows of each part in order.
PERCENTILES = """
WITH ranked AS (
  SELECT {part} AS part, {value} AS value,
    row_number() OVER (PARTITION BY {part} ORDER BY {value}) AS place,
    count(*) OVER (PARTITION BY {part}) AS number
  FROM images WHERE {within} AND latency_ms IS NOT NULL)
SELECT part, max(number) AS number,
  min(CASE WHEN place >= 0.50 * number THEN value END) AS p50,
  min(CASE WHEN place >= 0.95 * number THEN value END) AS p95,
  min(CASE WHEN place >= 0.99 * number THEN value END) AS p99
FROM ranked GROUP BY part
"""


def _ask(statement: str, **values: Any) -> Rows:
    typed = {"since": values.pop("since"), "until": values.pop("until"), **values}
    return [dict(row) for row in db.session.execute(db.text(statement), typed).mappings()]


def day(column: str) -> str:
    """Return the expression for the day, in UTC, of a column."""
    return DAY[db.engine.dialect.name].format(column)


def usage(**values: Any) -> Any:
    """Return generations, failures, cost, images and bytes by day and model."""
    asked = _ask(
        f"SELECT {day('created_at')} AS period, model, count(*) AS generations, "
        "sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failures, "
        "sum(cost_microusd) AS cost, "
        "sum(CASE WHEN cost_microusd IS NULL THEN 1 ELSE 0 END) AS unpriced "
        f"FROM generations WHERE status IN ('succeeded', 'failed', 'cancelled') AND {WITHIN} "
        "GROUP BY 1, 2",
        **values,
    )
    kept = _ask(
        f"SELECT {day('created_at')} AS period, model, count(*) AS images, "
        f"sum(byte_count) AS bytes FROM images WHERE source = 'generated' AND {WITHIN} GROUP BY 1, 2",
        **values,
    )
    found = {(row["period"], row["model"]): row for row in asked}
    for row in kept:
        found.setdefault((row["period"], row["model"]), {}).update(row)
    return {
        part: (
            row["generations"],
            row["failures"],
            int(row["cost"] or 0) / MICRO,
            row["unpriced"],
            row.get("images", 0),
            int(row.get("bytes", 0)),
        )
        for part, row in found.items()
    }


def models(**values: Any) -> Any:
    """Return images, and percentiles of their latency, by model."""
    statement = PERCENTILES.format(part="model", value="latency_ms", within=WITHIN)
    return {row["part"]: _percentiles(row) for row in _ask(statement, **values)}


def latency(**values: Any) -> Any:
    """Return the same by day."""
    statement = PERCENTILES.format(part=day("created_at"), value="latency_ms", within=WITHIN)
    return {row["part"]: _percentiles(row) for row in _ask(statement, **values)}


def _percentiles(row: dict[str, Any]) -> tuple[int, ...]:
    return row["number"], row["p50"], row["p95"], row["p99"]


def failures(**values: Any) -> Any:
    """Return how many failed by model and reason."""
    rows = _ask(
        "SELECT model, error_code, count(*) AS number FROM generations "
        f"WHERE status = 'failed' AND {WITHIN} GROUP BY 1, 2",
        **values,
    )
    return {(row["model"], row["error_code"]): row["number"] for row in rows}


def cost(**values: Any) -> Any:
    """Return the cost and what has none by day and key."""
    rows = _ask(
        f"SELECT {day('generations.created_at')} AS period, api_keys.name AS key, "
        "sum(cost_microusd) AS cost, "
        "sum(CASE WHEN cost_microusd IS NULL THEN 1 ELSE 0 END) AS unpriced "
        "FROM generations JOIN api_keys ON api_keys.id = api_key_id "
        "WHERE status IN ('succeeded', 'failed', 'cancelled') "
        f"AND {WITHIN.replace('created_at', 'generations.created_at')} GROUP BY 1, 2",
        **values,
    )
    return {
        (row["period"], row["key"]): (int(row["cost"] or 0) / MICRO, row["unpriced"])
        for row in rows
    }


def storage(**values: Any) -> Any:
    """Return images and their bytes by day, and of the deleted ones."""
    rows = _ask(
        f"SELECT {day('created_at')} AS period, count(*) AS images, sum(byte_count) AS bytes, "
        "count(deleted_at) AS deleted "
        f"FROM images WHERE {WITHIN} GROUP BY 1",
        **values,
    )
    return {row["period"]: (row["images"], int(row["bytes"]), row["deleted"]) for row in rows}


def compare(**values: Any) -> Any:
    """Return generations, successes, images and favourites of two templates."""
    rows = _ask(
        "SELECT template, count(*) AS generations, "
        "sum(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END) AS succeeded "
        f"FROM generations WHERE template IN ('poster', 'portrait') AND {WITHIN} GROUP BY 1",
        **values,
    )
    within = WITHIN.replace("created_at", "images.created_at")
    stars = _ask(
        "SELECT template, count(*) AS images, "
        "sum(CASE WHEN favourite THEN 1 ELSE 0 END) AS favourites FROM images "
        "JOIN generations ON generations.id = generation_id "
        f"WHERE template IN ('poster', 'portrait') AND {within} GROUP BY 1",
        **values,
    )
    more = {row["template"]: (row["images"], row["favourites"]) for row in stars}
    return {
        row["template"]: (row["generations"], row["succeeded"], *more[row["template"]])
        for row in rows
    }


def tagged(**values: Any) -> Any:
    """Return images with a tag by day."""
    within = WITHIN.replace("created_at", "images.created_at")
    rows = _ask(
        f"SELECT {day('images.created_at')} AS period, count(*) AS images, "
        "sum(byte_count) AS bytes FROM images JOIN image_tags ON image_id = images.id "
        f"WHERE tag = :tag AND {within} GROUP BY 1",
        **values,
    )
    return {row["period"]: (row["images"], int(row["bytes"])) for row in rows}


PLAIN: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (usage, models, latency, failures, cost, storage, compare, tagged)
}
