"""Reports on a million images, against plain SQL over the rows, with the same numbers.

`python -m benchmarks reports [--images N] [--postgres]` lays a history over two years, starts the real
server, keys and validation on, and asks it for each report: over 90 days in Berlin, where a day is
made of hours, and over all two years. The same is then asked in plain SQL, in UTC, and compared:
counts and sums must agree to the last digit, percentiles within the error that is promised.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from benchmarks.databases import databases
from benchmarks.serving import free_port, manage, serving
from config import Settings

# What a report should take at a million images, in milliseconds (p50).
WANTED_MS = 20
WANTED = {"tagged": 200}
TIMES = 25
PLAIN_TIMES = 3
# What is asked beside the time, and by which names plain SQL answers the same.
ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "usage": ("usage", {"split": "model"}),
    "models": ("models", {}),
    "latency": ("latency", {}),
    "failures": ("failures", {}),
    "cost": ("cost", {"split": "key"}),
    "storage": ("storage", {}),
    "compare": ("compare", {"template": "poster", "other_template": "portrait"}),
    "tagged": ("usage", {"tag": "best"}),
}


def main() -> None:
    """Build, serve, measure, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks reports")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(folder, "reports", postgres=options.postgres) as [url]:
            settings = Settings(instance=folder, database_url=url)
            key = _prepare(settings, options.images)
            measure(settings, key)


def _prepare(settings: Settings, images: int) -> str:
    """Lay the history; return a key."""
    from app import create_app
    from app.extensions import db
    from app.models import Role
    from app.services.keys import create_key
    from app.services.schema import upgrade
    from benchmarks.reports_data import build

    with create_app(settings).app_context():
        upgrade()
        started = time.perf_counter()
        build(images)
        print(f"{images:,} images laid in {time.perf_counter() - started:.0f} s", flush=True)
        if settings.sqlite_file is None:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(db.text("VACUUM ANALYZE"))
        _, key = create_key("benchmark", Role.VIEWER)
        db.session.remove()
        db.engine.dispose()
    return key


def measure(settings: Settings, key: str) -> None:
    """Ask the server and plain SQL; print milliseconds and ratios, and what does not agree."""
    from app import create_app
    from app.extensions import db
    from benchmarks.reports_data import BEGIN, END

    port = free_port()
    environment = {"PROOFSHEET_INSTANCE": str(settings.instance)}
    if settings.database_url:
        environment["DATABASE_URL"] = settings.database_url
    quarter = {"since": END - timedelta(days=90), "until": END}
    whole = {"since": BEGIN, "until": END}
    app = create_app(settings, serves=False)
    found: dict[str, dict[str, Any]] = {}
    with serving(manage(port), port, environment), app.app_context():
        for name, (report, more) in ASKED.items():
            ask = _asker(port, key, report, more)
            _, days = _timed(lambda ask=ask: ask(quarter, tz="Europe/Berlin"), TIMES)
            answer, two_years = _timed(lambda ask=ask: ask(whole, tz="UTC"), TIMES)
            exact, plain = _timed(lambda name=name: _plain(name, whole), PLAIN_TIMES)
            exact_days, plain_days = _timed(lambda name=name: _plain(name, quarter), PLAIN_TIMES)
            _agree(name, answer, exact)
            _agree(name, ask(quarter, tz="UTC"), exact_days)
            found[name] = {
                "90 days, ms": days,
                "two years, ms": two_years,
                "plain SQL, 90 days": plain_days,
                "plain SQL, two years": plain,
            }
            wanted = WANTED.get(name, WANTED_MS)
            over = [
                each
                for each in ("90 days, ms", "two years, ms")
                if found[name][each]["p50"] > wanted
            ]
            late = f"  OVER {wanted} ms: {', '.join(over)}" if over else ""
            print(f"{name:9}", json.dumps(found[name]) + late, flush=True)
        db.session.remove()
    print(json.dumps(found))


def _asker(port: int, key: str, report: str, more: dict[str, str]) -> Callable[..., Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {key}"}

    def ask(times: dict[str, Any], **query: str) -> Any:
        moments = {name: moment.isoformat() for name, moment in times.items()}
        path = f"/api/reports/{report}?{urlencode({**moments, **more, **query})}"
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return body

    return ask


def _timed(call: Callable[[], Any], times: int) -> tuple[Any, dict[str, float]]:
    answer = call()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        answer = call()
        taken.append((time.perf_counter() - started) * 1000)
    worst = quantiles(taken, n=20)[-1] if times > PLAIN_TIMES else max(taken)
    return answer, {"p50": round(median(taken), 1), "p95": round(worst, 1)}


def _plain(name: str, times: dict[str, Any]) -> Any:
    from app.extensions import db
    from benchmarks.reports_plain import PLAIN

    moments = {each: _text(moment) for each, moment in times.items()}
    more = {"tag": "best"} if name == "tagged" else {}
    try:
        return PLAIN[name](**moments, **more)
    finally:
        db.session.rollback()


def _text(moment: Any) -> Any:
    """Return a moment as the database keeps it: SQLite as text."""
    from app.extensions import db

    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if db.engine.dialect.name == "sqlite" else moment


def _agree(name: str, body: bytes, exact: Any) -> None:
    """Stop where a report does not say what the rows say."""
    from benchmarks.reports_agree import TOLD

    told = TOLD[name](json.loads(body))
    for part, expected in exact.items():
        if told.pop(part) != expected:
            raise SystemExit(f"{name}: {part} is not {expected}")
    if rest := {
        part: row for part, row in told.items() if any(row if isinstance(row, tuple) else [row])
    }:
        raise SystemExit(f"{name}: {rest} is in no row")
