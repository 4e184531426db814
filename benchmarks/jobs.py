"""The job engine: how soon a generation is kept, picked up and done, and what an idle worker costs.

`python -m benchmarks jobs [--jobs N] [--postgres]`. The worker is a process of its own, as in use; who
draws is a stand-in that takes 50 ms for each picture, so that the ideal is known: jobs x 50 ms / slots.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Generation, Role, Status
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.schema import upgrade
from benchmarks.databases import databases
from benchmarks.jobs_worker import SECONDS_A_PICTURE
from benchmarks.serving import cpu_seconds, free_port, manage, serving
from config import Settings

SLOTS = 8
SINGLES = 100
REQUESTS = 200
IDLE_SECONDS = 10.0
PATIENCE_SECONDS = 300.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks jobs")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(folder, "jobs", postgres=options.postgres) as [url]:
            settings = Settings(instance=folder, database_url=url, max_running=SLOTS)
            with create_app(settings).app_context():
                upgrade()
                print(json.dumps(_measure(settings, options.jobs), indent=1), flush=True)
                db.engine.dispose()


def _measure(settings: Settings, jobs: int) -> dict[str, float]:
    enqueued = [_enqueue() for _ in range(jobs)]
    asked = _asked(settings, REQUESTS)
    jobs += REQUESTS
    with _worker(settings) as pid:
        started = time.monotonic()
        before = cpu_seconds(pid)
        _wait_for(jobs)
        seconds = time.monotonic() - started
        cpu = (cpu_seconds(pid) - before) / jobs
        time.sleep(1)
        idle = cpu_seconds(pid)
        time.sleep(IDLE_SECONDS)
        idle = (cpu_seconds(pid) - idle) / IDLE_SECONDS
        for number in range(SINGLES):
            _enqueue()
            _wait_for(jobs + number + 1)
    ideal = jobs * SECONDS_A_PICTURE / SLOTS
    picked_up = _picked_up(SINGLES)
    return {
        **_times("enqueue", enqueued),
        **_times("POST /api/generations, 202", asked),
        **_times("pick-up", picked_up),
        "ideal s": ideal,
        "from the worker's start to the last job's end, s": round(seconds, 2),
        "over the ideal": round(_span(jobs) / ideal, 2),
        "worker's CPU a job, ms": round(cpu * 1000, 1),
        "idle worker, % of a core": round(idle * 100, 1),
    }


def _enqueue() -> float:
    """Enqueue one generation; return the seconds it took."""
    started = time.perf_counter()
    ImageGeneratorService().enqueue(GenerationRequest("A fox at dusk"))
    seconds = time.perf_counter() - started
    db.session.remove()
    return seconds


def _asked(settings: Settings, requests: int) -> list[float]:
    """Return the seconds that a server took to accept each of so many requests, one by one."""
    _, token = create_key("benchmark", Role.CREATOR)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"prompt": "A fox at dusk"})
    port = free_port()
    more = {"PROOFSHEET_INSTANCE": str(settings.instance), "PROOFSHEET_LOG_LEVEL": "error"}
    seconds = []
    with serving(manage(port), port, {**more, "DATABASE_URL": settings.database_url or ""}):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(requests):
            started = time.perf_counter()
            connection.request("POST", "/api/generations", body, headers)
            answer = connection.getresponse()
            answer.read()
            seconds.append(time.perf_counter() - started)
            if answer.status != HTTPStatus.ACCEPTED:
                raise RuntimeError(f"the server answered {answer.status}")
        connection.close()
    return seconds


def _wait_for(count: int) -> None:
    """Wait until so many images are there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        ended = select(func.count()).where(Generation.status == Status.SUCCEEDED)
        found = db.session.scalar(ended) or 0
        db.session.remove()
        if found >= count:
            return
        time.sleep(0.05)
    raise RuntimeError("the worker is too slow, or stands still")


def _span(jobs: int) -> float:
    """Return the seconds from the first start to the last end of the first `jobs`."""
    first = select(Generation).order_by(Generation.id).limit(jobs).subquery()
    row = db.session.execute(
        select(func.min(first.c.started_at), func.max(first.c.finished_at))
    ).one()
    return float((row[1] - row[0]).total_seconds())


def _picked_up(singles: int) -> list[float]:
    last = select(Generation).order_by(Generation.id.desc()).limit(singles)
    rows = db.session.scalars(last).all()
    return [(row.started_at - row.created_at).total_seconds() for row in rows if row.started_at]


def _times(name: str, seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"{name} p50 ms": round(ordered[len(ordered) // 2] * 1000, 2),
        f"{name} p99 ms": round(ordered[len(ordered) * 99 // 100] * 1000, 2),
    }


@contextmanager
def _worker(settings: Settings) -> Iterator[int]:
    """Run a worker until the end; yield its process id once it is at work."""
    command = [sys.executable, "-m", "benchmarks.jobs_worker", str(settings.instance), str(SLOTS)]
    if settings.database_url:
        command.append(settings.database_url)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            worker.stdout.readline()
            yield worker.pid
        finally:
            worker.terminate()
