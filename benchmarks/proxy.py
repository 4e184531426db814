"""The Gemini proxy under load: what it adds to the first byte, and that each picture is kept once.

`python -m benchmarks proxy [--seconds N] [--pace N] [--postgres]`: 32 clients call through `/gemini` of
a running `manage.py up` for 30 seconds while eight call the same fake Gemini straight, a process of its
own that takes about `--pace` seconds for a picture; then 24 requests wait at `/v1` beside 32 proxied
ones. All the while the gallery, a page of the history and `/healthz` are asked for and must answer.
Before all that, one client alone calls both in turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Generation, Image, Source, Status
from app.models.image import ImageBlob
from benchmarks.databases import databases
from benchmarks.gallery_data import Gallery
from benchmarks.proxy_clients import Answer, Wire, ask_openai, in_turns, load, watched
from benchmarks.serving import cpu_seconds_of_all, free_port, serving
from config import Settings
from tests.processes import Up, running

THROUGH = 32
STRAIGHT = 8
WAITERS = 24
ROUNDS = 100
PATIENCE_SECONDS = 60.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks proxy")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pace", type=float, default=4, help="seconds a picture takes upstream")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            databases(folder, "proxy", postgres=options.postgres) as [url],
            _upstream() as upstream,
            _up(folder, url, upstream) as up,
            create_app(Settings(instance=up.instance, database_url=url)).app_context(),
        ):
            found = {
                **_alone(up, upstream),
                **_proxied(up, upstream, options.seconds, options.pace),
                **_beside_waiters(up, options.pace),
            }
            db.engine.dispose()
    print(json.dumps(found, indent=1))


@contextmanager
def _upstream() -> Iterator[Wire]:
    port = free_port()
    command = [sys.executable, "-m", "tests.fakes.gemini_server", "--port", str(port)]
    with serving(command, port, {}):
        yield Wire(port, "/v1", "upstream")


@contextmanager
def _up(folder: Path, url: str | None, upstream: Wire) -> Iterator[Up]:
    more = {
        "GEMINI_API_KEY": upstream.key,
        "PROOFSHEET_GEMINI_BASE_URL": f"http://127.0.0.1:{upstream.port}",
        "PROOFSHEET_DAILY_BUDGET": "none",
        **({"DATABASE_URL": url} if url else {}),
    }
    with running(folder / "instance", log=folder / "log", **more) as up:
        yield up


def _alone(up: Up, upstream: Wire) -> dict[str, float]:
    """Compare the calls of one client, once all is warm."""
    wires = [Wire(up.port, "/gemini/v1", up.key), upstream]
    in_turns(wires, ROUNDS // 5, 0)
    ours, theirs = (
        _times(each.milliseconds for each in found)
        # As long as saving takes, which is then over before the next call.
        for found in in_turns(wires, ROUNDS, 0.1)
    )
    return _compared(ours, theirs, "alone, ")


def _compared(
    ours: Mapping[str, float], theirs: Mapping[str, float], when: str = ""
) -> dict[str, float]:
    return {
        **{f"{when}first byte, straight, {name}": value for name, value in theirs.items()},
        **{f"{when}first byte, through, {name}": value for name, value in ours.items()},
        **{f"{when}added, {name}": round(ours[name] - theirs[name], 2) for name in ours},
    }


def _proxied(up: Up, upstream: Wire, seconds: float, pace: float) -> dict[str, float]:
    """Let clients call through us and straight, at the same time; look at what is kept then."""
    through = Wire(up.port, "/gemini/v1", up.key)
    before = cpu_seconds_of_all(up.process.pid)
    with watched(up.port, _pages(up)) as pages:
        straight = load(upstream, STRAIGHT, seconds, pace)
        answers = [
            each for found in load(through, THROUGH, seconds, pace) for each in found.result()
        ]
        compared = [each for found in straight for each in found.result()]
    kept = _kept(answers)
    cpu = cpu_seconds_of_all(up.process.pid) - before
    for error, times in Counter(each.error for each in (*answers, *compared) if each.error).items():
        print(f"{times} times: {error}", file=sys.stderr)
    ours, theirs = (_times(each.milliseconds for each in found) for found in (answers, compared))
    return {
        "calls through": len(answers),
        "errors": sum(each.error is not None for each in answers),
        **kept,
        **_compared(ours, theirs),
        "our CPU a call, ms": round(1000 * cpu / len(answers), 1),
        **_watched("32 proxied", pages),
    }


def _beside_waiters(up: Up, pace: float) -> dict[str, float]:
    """Let as many wait as may at /v1, beside as many proxied calls as may be."""
    with (
        watched(up.port, _pages(up)) as pages,
        ThreadPoolExecutor(WAITERS) as pool,
    ):
        proxied = load(Wire(up.port, "/gemini/v1", up.key), THROUGH, 2 * pace, pace)
        waiting = [pool.submit(ask_openai, up.port, up.key, 3 * pace) for _ in range(WAITERS)]
        errors = [each.error for found in proxied for each in found.result()]
        errors += [each.result() for each in waiting]
    for error in filter(None, errors):
        print(error, file=sys.stderr)
    return {
        "errors of 24 waiting and 32 proxied": sum(error is not None for error in errors),
        **_watched("24 waiting and 32 proxied", pages),
    }


def _pages(up: Up) -> dict[str, dict[str, str]]:
    """Return what is asked for meanwhile, each with its headers."""
    cookie = "=".join(Gallery(up.instance, up.key, 0).log_in(up.port))
    key = {"Authorization": f"Bearer {up.key}"}
    return {"/healthz": {}, "/": {"Cookie": cookie}, "/api/images?limit=50": key}


def _kept(answers: Iterable[Answer]) -> dict[str, float]:
    """Compare what the clients got with what the history has, once all has been saved."""
    _wait_for_saving()
    got = {each.prompt: each.sha256 for each in answers if not each.error}
    rows = db.session.execute(
        select(Image.prompt, Image.sha256, ImageBlob.data)
        .join(ImageBlob, ImageBlob.image_id == Image.id)
        .where(Image.source == Source.PROXY, Image.prompt.in_(got))
    ).all()
    times = Counter(row.prompt for row in rows)
    same = [row for row in rows if got.get(row.prompt) == row.sha256 == _sum(row.data)]
    return {
        "kept": len(rows),
        "missing": len(got.keys() - times.keys()),
        "kept twice": sum(number > 1 for number in times.values()),
        "of other bytes": len(rows) - len(same),
    }


def _wait_for_saving() -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    running = select(func.count()).where(Generation.status == Status.RUNNING)
    while db.session.scalar(running):
        db.session.remove()
        if time.monotonic() > until:
            raise RuntimeError("some calls are still running")
        time.sleep(0.1)


def _sum(data: bytes) -> str:
    return sha256(data).hexdigest()


def _watched(when: str, pages: Mapping[str, list[float]]) -> dict[str, float]:
    return {
        f"{page} beside {when}, {name}": value
        for page, found in pages.items()
        for name, value in _times(found).items()
    }


def _times(milliseconds: Iterable[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50 ms": round(ordered[len(ordered) // 2], 2),
        "p99 ms": round(ordered[len(ordered) * 99 // 100], 2),
    }
