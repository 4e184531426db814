"""Load and faults that a history must stand, long, where the suite runs them short.

`python -m benchmarks soak [--seconds N] [--jobs N] [--postgres]`: paging while it changes, many writers
beside many readers, each thread with a connection of its own; then workers that are killed, and a
provider with a quota (benchmarks/soak_jobs.py).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event

from flask import Flask

from app import create_app
from app.extensions import db
from app.imaging import Picture
from app.models import Role
from app.models.image_manager import ImageManager
from app.services.keys import create_key
from app.services.marks import change_image, delete
from app.services.schema import upgrade
from benchmarks.databases import databases
from benchmarks.history_data import PICTURE
from benchmarks.soak_jobs import MINUTE, Killed, Stormed, kill_workers, storm
from config import Settings

UNTOUCHED = 2_000
PAGE = 50
QUOTA_A_SECOND = 20
QUOTA_A_MINUTE = 40
# As large as those that come; nobody looks at its bytes.
LARGE = Picture(PICTURE, "image/jpeg", 1024, 1024, "#445566", sha256(PICTURE).hexdigest(), ())


@dataclass(frozen=True, slots=True)
class Paged:
    """How often the history was paged through, what was written meanwhile, and what went wrong."""

    passes: int
    writes: int
    missed: int
    repeated: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was written and read; an error would have been raised."""

    writes: int
    reads: int
    seconds: float


def page_while_writing(app: Flask, untouched: int, writers: int, seconds: float) -> Paged:
    """Page through all rows by cursor, in both directions, while writers add and delete.

    Every row that nobody touches must come exactly once in each pass. At least one pass each way.
    """
    with app.app_context():
        headers = _key()
        kept = {_add(f"Untouched {number}") for number in range(untouched)}
    passes, missed, repeated = 0, 0, 0
    with _writing(app, writers) as written:
        until = time.monotonic() + seconds
        while passes < 2 or time.monotonic() < until:  # noqa: PLR2004 - one in each direction
            sort = ("newest", "oldest")[passes % 2]
            seen = Counter(_page_through(app, headers, sort))
            missed += len(kept - seen.keys())
            repeated += sum(seen[each] > 1 for each in kept)
            passes += 1
    return Paged(passes, written(), missed, repeated)


def write_and_read(app: Flask, writers: int, readers: int, seconds: float) -> Loaded:
    """Let writers add and delete beside readers. Raises whatever any of them met."""
    with app.app_context():
        headers = _key()
        _add("The first")
    done = Event()
    started = time.monotonic()
    with ThreadPoolExecutor(readers) as pool, _writing(app, writers) as written:
        loads = [pool.submit(_read, app, headers, done) for _ in range(readers)]
        _wait(loads, seconds)
        done.set()
        reads = sum(load.result() for load in loads)
    return Loaded(written(), reads, time.monotonic() - started)


def main() -> None:
    """Run both for long and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = "history", "kills", "storm", "limit"
        with databases(folder, *names, postgres=options.postgres) as [url, *urls]:
            app = create_app(_new(folder / "history", url))
            paged = page_while_writing(app, UNTOUCHED, 4, options.seconds)
            print(paged, flush=True)
            loaded = write_and_read(app, 8, 8, options.seconds)
            print(loaded, flush=True)
            with app.app_context():
                db.engine.dispose()
            found = list(_faults(folder, urls, options.jobs))
    held = all(each.held for each in found)
    print(json.dumps({"missed": paged.missed, "repeated": paged.repeated, "held": held}))
    sys.exit(bool(paged.missed or paged.repeated or not held))


def _faults(folder: Path, urls: list[str | None], jobs: int) -> Iterator[Killed | Stormed]:
    """Yield and print what came of each fault, each on a database of its own."""
    kills, storms, limits = (
        _new(folder / name, url)
        for name, url in zip(("kills", "storm", "limit"), urls, strict=True)
    )
    for fault in (
        lambda: kill_workers(kills, jobs),
        lambda: storm(storms, jobs, most=QUOTA_A_SECOND, window=1.0),
        # At the provider's own limit it refuses nobody.
        lambda: storm(
            limits.model_copy(update={"pictures_per_minute": QUOTA_A_MINUTE}),
            QUOTA_A_MINUTE * 2,
            most=QUOTA_A_MINUTE,
            window=MINUTE,
        ),
    ):
        found = fault()
        print(found, flush=True)
        yield found


def _new(instance: Path, url: str | None) -> Settings:
    """Return the settings of a new, migrated database."""
    settings = Settings(instance=instance, database_url=url, daily_budget=None)
    instance.mkdir(exist_ok=True)
    with create_app(settings).app_context():
        upgrade()
        db.engine.dispose()
    return settings


@contextmanager
def _writing(app: Flask, writers: int) -> Iterator[Callable[[], int]]:
    """Let writers work until the end; yield what tells how much they wrote in all.

    Raises whatever any of them met.
    """
    done = Event()
    with ThreadPoolExecutor(writers) as pool:
        loads = [pool.submit(_write, app, done) for _ in range(writers)]
        try:
            yield lambda: sum(load.result() for load in loads)
        finally:
            done.set()


def _write(app: Flask, done: Event) -> int:
    """Add pictures and delete every other one of them; return how many writes that was."""
    writes = 0
    with app.app_context():
        while not done.is_set():
            _add("Kept for a while")
            change_image(_add("Deleted soon"), delete())
            writes += 3
    return writes


def _read(app: Flask, headers: dict[str, str], done: Event) -> int:
    client = app.test_client()
    paths = ("/api/images?page=1", "/api/images?limit=20", "/api/images?limit=20&q=kept")
    reads = 0
    while not done.is_set():
        path = paths[reads % len(paths)]
        answer = client.get(path, headers=headers)
        if answer.status_code != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{path} gave {answer.status_code}: {answer.text}")
        reads += 1
    return reads


def _page_through(app: Flask, headers: dict[str, str], sort: str) -> Iterator[int]:
    """Yield the id of every image, as the cursors lead from page to page."""
    client = app.test_client()
    query = f"limit={PAGE}&sort={sort}&fields=id"
    cursor = ""
    while True:
        page = client.get(f"/api/images?{query}{cursor}", headers=headers).get_json()
        yield from (image["id"] for image in page["items"])
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _add(prompt: str) -> int:
    image = ImageManager().store(prompt, LARGE)
    db.session.commit()
    return image.id


def _key() -> dict[str, str]:
    _, token = create_key(f"soak {time.monotonic_ns()}", Role.VIEWER)
    return {"Authorization": f"Bearer {token}"}


def _wait(loads: list[Future[int]], seconds: float) -> None:
    """Wait so long, or until one of them fails."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not any(load.done() for load in loads):
        time.sleep(0.05)
