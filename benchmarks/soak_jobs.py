"""Faults that durable generation must stand, long: `python -m benchmarks soak` runs these last.

Workers are real processes, and who draws is the tests' fake Gemini on loopback, whose own
clock and count are what is believed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pydantic import HttpUrl, SecretStr
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Generation, Image, Status
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from config import ROOT, Settings
from tests.fakes.gemini_server import FakeGemini

KILLS = 3
IN_FLIGHT = 8
PATIENCE_SECONDS = 600.0
MINUTE = 60.0
AT_ONCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Killed:
    """What three kills of a worker in the middle of many jobs left."""

    jobs: int
    images: int
    twice: int
    unended: int
    calls: int
    in_flight_at_kills: int

    @property
    def held(self) -> bool:
        """Tell whether each image is there once, and only what was in flight was drawn again."""
        whole = self.images == self.jobs and not (self.twice or self.unended)
        return whole and self.calls <= self.images + self.in_flight_at_kills


@dataclass(frozen=True, slots=True)
class Stormed:
    """What a provider with a quota saw of two workers, which knew of the quota (`limited`) or not."""

    jobs: int
    limited: bool
    succeeded: int
    refused: int
    most_refused_at_once: int
    seconds: float

    @property
    def held(self) -> bool:
        """Tell whether all succeeded, and nobody was refused or, without a limit, not all together."""
        if self.limited:
            in_order = self.refused == 0
        else:
            in_order = 0 < self.most_refused_at_once <= self.refused / 2
        return self.succeeded == self.jobs and in_order


def kill_workers(settings: Settings, jobs: int) -> Killed:
    """Kill the only worker three times, each time with eight jobs in flight; count what is left."""
    with FakeGemini() as gemini, _drawn_by(settings, gemini):
        _enqueue(jobs, "[[slow 0.5]]")
        in_flight = 0
        with ExitStack() as stack:
            worker = stack.enter_context(_worker(settings, gemini, "one"))
            for number in range(KILLS):
                enough = (number + 1) * jobs // (KILLS + 1)
                _wait(lambda: _succeeded() >= enough and _running() >= IN_FLIGHT)  # noqa: B023
                worker.kill()
                worker.wait()
                in_flight += _running()
                worker = stack.enter_context(_worker(settings, gemini, "one"))
            _wait(lambda: _succeeded() == jobs)
        kept = Counter(db.session.execute(select(Image.generation_id, Image.ordinal)).tuples())
        unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
        return Killed(
            jobs=jobs,
            images=len(kept),
            twice=sum(count > 1 for count in kept.values()),
            unended=_count(unended),
            calls=len(gemini.requests),
            in_flight_at_kills=in_flight,
        )


def storm(settings: Settings, jobs: int, most: int, window: float) -> Stormed:
    """Let two workers draw from a provider that answers so many calls in a window of seconds."""
    with FakeGemini(quota=(most, window)) as gemini, _drawn_by(settings, gemini):
        _enqueue(jobs, "")
        started = time.monotonic()
        with _worker(settings, gemini, "one"), _worker(settings, gemini, "two"):
            _wait(lambda: _succeeded() == jobs)
        refused = [each.at for each in gemini.requests if each.refused]
        return Stormed(
            jobs=jobs,
            limited=settings.pictures_per_minute is not None,
            succeeded=_succeeded(),
            refused=len(refused),
            most_refused_at_once=_most_in(refused, AT_ONCE_SECONDS),
            seconds=round(time.monotonic() - started, 1),
        )


def _most_in(moments: list[float], window: float) -> int:
    counts = (sum(start <= each < start + window for each in moments) for start in moments)
    return max(counts, default=0)


@contextmanager
def _drawn_by(settings: Settings, gemini: FakeGemini) -> Iterator[None]:
    more = {"gemini_api_key": SecretStr("x"), "gemini_base_url": HttpUrl(gemini.url)}
    with create_app(settings.model_copy(update=more)).app_context():
        try:
            yield
        finally:
            db.engine.dispose()


@contextmanager
def _worker(settings: Settings, gemini: FakeGemini, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker until the end."""
    environment = {
        **os.environ,
        "PROOFSHEET_INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url or "",
        "GEMINI_API_KEY": "x",
        "PROOFSHEET_GEMINI_BASE_URL": gemini.url,
        "PROOFSHEET_MAX_RUNNING": str(IN_FLIGHT),
        "PROOFSHEET_PICTURES_PER_MINUTE": str(settings.pictures_per_minute or "none"),
        "PROOFSHEET_LOG_LEVEL": "error",
    }
    command = [sys.executable, str(ROOT / "manage.py"), "worker", "--name", name]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as worker:
        try:
            yield worker
        finally:
            worker.terminate()


def _enqueue(jobs: int, marker: str) -> None:
    for number in range(jobs):
        ImageGeneratorService().enqueue(GenerationRequest(f"Fox {number} {marker}"))
        db.session.remove()


def _succeeded() -> int:
    return _count(Generation.status == Status.SUCCEEDED)


def _running() -> int:
    return _count(Generation.status == Status.RUNNING)


def _count(where: object) -> int:
    try:
        return db.session.scalar(select(func.count()).where(where)) or 0  # type: ignore[arg-type]
    finally:
        db.session.remove()


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("the workers stand still")
        time.sleep(0.02)
