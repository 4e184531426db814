"""The report on prompts at a million uses, against plain SQL over the rows, with the same numbers.

`python -m benchmarks reports_prompts [--uses N] [--postgres]` lays the uses over two years and asks
the service for all time, for a year and for 90 days of it, by a model and by a tag: anew, and again
when nothing has happened since. The prompts with most uses and most failures must have as many of
them as plain SQL counts, to the last digit.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.databases import databases
from benchmarks.reports_prompts_data import BEGIN, build
from config import Settings

TIMES = 9
ASKED: dict[str, tuple[int, int, dict[str, str]]] = {
    "all time": (0, 740, {}),
    "a year": (100, 465, {}),
    "90 days": (200, 290, {}),
    "9 days": (200, 209, {}),
    "a model": (0, 740, {"model": "gemini-3-pro-image"}),
    "a tag": (0, 740, {"tag": "best"}),
}
# What plain SQL counts of each prompt of a time, by what it reads it from.
PLAIN = {
    "failures": "SELECT prompt_id, count(*) AS number FROM generations WHERE status = 'failed' "
    "AND created_at >= :since AND created_at < :until GROUP BY 1 ORDER BY 2 DESC, 1 DESC LIMIT 10",
    "uses": "SELECT prompt_id, sum(number) AS number FROM ("
    "SELECT prompt_id, count(*) AS number FROM generations "
    "WHERE created_at >= :since AND created_at < :until GROUP BY 1 UNION ALL "
    "SELECT prompt_id, count(*) FROM images WHERE generation_id IS NULL "
    "AND created_at >= :since AND created_at < :until GROUP BY 1) AS each_of "
    "GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
}
LISTS = {"failures": "most_failed", "uses": "most_used"}


def main() -> None:
    """Build, measure, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reports_prompts")
    parser.add_argument("--uses", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(folder, "prompts", postgres=options.postgres) as [url]:
            _run(Settings(instance=folder, database_url=url), options.uses)


def _run(settings: Settings, uses: int) -> None:
    from app import create_app
    from app.extensions import db
    from app.services.schema import upgrade

    with create_app(settings, serves=False).app_context():
        upgrade()
        build(uses)
        if settings.sqlite_file is None:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(db.text("VACUUM ANALYZE"))
        found = {name: _measure(*asked) for name, asked in ASKED.items()}
        db.session.remove()
        db.engine.dispose()
    print(json.dumps(found, indent=1))


def _measure(first: int, last: int, only: dict[str, str]) -> dict[str, float]:
    """Return milliseconds of one question: anew, again, and in plain SQL."""
    from app.extensions import db
    from app.models.reporting.prompts import lists
    from app.services.reports.periods import By
    from app.services.reports.prompts import prompts
    from app.services.reports.question import ask

    since, until = BEGIN + timedelta(days=first), BEGIN + timedelta(days=last)
    anew, again = [], []
    for _ in range(TIMES):
        lists.forget_all()
        for times in (anew, again):
            started = time.perf_counter()
            report = prompts(ask(since, until, By.MONTH, **only))
            times.append((time.perf_counter() - started) * 1000)
            db.session.rollback()
    taken = {"anew, ms": round(median(anew), 1), "again, ms": round(median(again), 1)}
    if not only:
        taken["plain SQL, ms"] = round(_agree(report.rows, since, until), 1)
    return taken


def _agree(rows: list[dict[str, Any]], since: datetime, until: datetime) -> float:
    """Return how long plain SQL takes; end the program where it says anything else."""
    from app.extensions import db

    zone = "+00:00" if db.engine.dialect.name == "postgresql" else ""
    times = {
        "since": f"{since:%Y-%m-%d %H:%M:%S.%f}{zone}",
        "until": f"{until:%Y-%m-%d %H:%M:%S.%f}{zone}",
    }
    started = time.perf_counter()
    for name, query in PLAIN.items():
        exact = [row.number for row in db.session.execute(db.text(query), times)]
        told = [row[name] for row in rows if row["list"] == LISTS[name]]
        if told != exact:
            raise SystemExit(f"{name}: the report says {told}, the rows say {exact}")
    return (time.perf_counter() - started) * 1000
