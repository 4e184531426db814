"""Suggestions and lists of past prompts among a million, and how long it takes to find them first.

`python -m benchmarks prompts [--prompts N] [--postgres]` lays N generations, each of another prompt,
as they were before prompts were booked; times the migration that books them; then starts the real
server, keys and validation on, and asks it. It prints a table and JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from benchmarks.databases import databases
from benchmarks.load import latencies
from benchmarks.prompts_data import add_images, build
from benchmarks.serving import free_port, manage, serving
from config import Settings

# What is typed: letters, beginnings, whole words and parts of them, what is nowhere, a whole prompt.
TYPED = {
    "one letter": ["a", "t", "p", "d", "z", "q", "n", "i"],
    "beginnings": ["a f", "an o", "portrait of", "wat", "the castle in", "two", "photo of a ro", "is"],
    "words": ["fox", "neon", "dusk", "detail4711", "detail1", "det", "baroque", "moons "],
    "some words": ["fox neon", "castle detail31337", "snow pas", "quiet street v", "robot paper a"],
    "nowhere": ["zebra", "xyzzyx", "qqq", "fox zebra", "detail99999", "狐"],
    "whole": ["A fox at dusk, neon style, detail1 detail2 detail3 detail4 detail5 detail6"],
    "nothing": [""],
}  # fmt: skip
SEARCHED = ["fox", "a", "det", "detail4711", "fox neon", '"quiet street"', "zebra", "-fox"]


def main() -> None:
    """Build, serve, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks prompts")
    parser.add_argument("--prompts", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(folder, "prompts", postgres=options.postgres) as [url]:
            settings = Settings(instance=folder, database_url=url)
            seconds, key, places = _prepare(settings, options.prompts)
            _report(options.prompts, seconds, _measure(settings, key, places))


def _prepare(settings: Settings, prompts: int) -> tuple[float, str, dict[str, str]]:
    """Lay the rows; return the seconds of the migration, a key, and cursors into the middle."""
    import flask_migrate

    from app import create_app
    from app.extensions import MIGRATIONS, db
    from app.models import Role
    from app.services.keys import create_key
    from app.services.schema import upgrade

    with create_app(settings).app_context():
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0004")
        build(prompts)
        started = time.perf_counter()
        flask_migrate.upgrade(directory=str(MIGRATIONS), revision="0005")
        seconds = time.perf_counter() - started
        print(f"{prompts:,} prompts booked in {seconds:.0f} s", flush=True)
        upgrade()
        add_images()
        if settings.sqlite_file is None:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(db.text("VACUUM ANALYZE"))
        _, key = create_key("benchmark", Role.VIEWER)
        places = _middle(prompts // 2)
        db.session.remove()
        db.engine.dispose()
    return seconds, key, places


def _middle(offset: int) -> dict[str, str]:
    """Return the cursor of the prompt at `offset`, for each order."""
    from sqlalchemy import select

    from app.extensions import db
    from app.models.cursor import Cursor
    from app.models.prompt_pages import PromptFilter
    from app.models.prompt_row import PROMPTS

    recent = select(PROMPTS.c.uses, PROMPTS.c.position).order_by(PROMPTS.c.position.desc())
    uses = recent.order_by(None).order_by(PROMPTS.c.uses.desc(), PROMPTS.c.position.desc())
    _, last = db.session.execute(recent.offset(offset).limit(1)).one()
    rank, position = db.session.execute(uses.offset(offset).limit(1)).one()
    return {
        "recent": Cursor(last).encode(PromptFilter()),
        "uses": Cursor(position, rank=rank).encode(PromptFilter(sort="uses")),
    }


def _measure(settings: Settings, key: str, places: dict[str, str]) -> dict[str, list[float]]:
    """Return the milliseconds of each address, by what kind it is."""
    paths = {
        **{f"suggest, {kind}": [_path("/suggest", q=q) for q in TYPED[kind]] for kind in TYPED},
        "the server itself": ["/healthz"] * 5,  # how busy this machine is
        **{f"sort={sort}": [_path("", sort=sort)] for sort in places},
        **{f"sort={sort}, deep": [_path("", sort=sort, cursor=places[sort])] for sort in places},
        "q": [_path("", q=q) for q in SEARCHED],
        "q, sort=uses": [_path("", q=q, sort="uses") for q in SEARCHED],
    }
    environment = {
        "PROOFSHEET_INSTANCE": str(settings.instance),
        "PROOFSHEET_REQUESTS_PER_MINUTE": "1000000",
    }
    if settings.database_url:
        environment["DATABASE_URL"] = str(settings.database_url)
    port = free_port()
    with serving(manage(port), port, environment):
        headers = {"Authorization": f"Bearer {key}"}
        return {kind: latencies(port, each, headers) for kind, each in paths.items()}


def _path(way: str, **query: str) -> str:
    return f"/api/prompts{way}?{urlencode(query)}"


def _report(prompts: int, seconds: float, found: dict[str, list[float]]) -> None:
    suggested = [each for kind, times in found.items() if "suggest" in kind for each in times]
    print(f"\n{'':24}{'p50 ms':>9}{'worst':>9}")
    for kind, times in {f"{len(suggested)} suggestions": suggested, **found}.items():
        print(f"{kind:24}{median(times):9.2f}{max(times):9.2f}")
    print(json.dumps({"prompts": prompts, "booked_seconds": seconds, "milliseconds": found}))
