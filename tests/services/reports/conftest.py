"""What tests of reports share: a history of some days, with changed clocks in it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert
from ulid import ULID

from app import create_app
from app.extensions import db
from app.models import ApiKey, Generation, Image, ImageTag, Role
from app.models.image_filter import position_of
from app.models.reporting.rebuild import rebuild
from config import Settings
from tests.conftest import DATABASES, dispose, on_server
from tests.models.conftest import serves

__all__ = ["serves"]

# Clocks go back in Berlin on 25 October 2026, in New York on 1 November.
BEGIN = datetime(2026, 10, 22, tzinfo=UTC)
DAYS = 14
MODELS = ("small", "large")
TEMPLATES = (None, "poster")
PROJECTS = (None, "acme", "Zoo")


@pytest.fixture(scope="module", params=DATABASES)
def app_with_history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An app on a database with a history, which is written once for all that only look at it."""
    with app_on_history(request, tmp_path_factory.mktemp("history")) as app:
        yield app


@contextmanager
def app_on_history(
    request: pytest.FixtureRequest, instance: Path, *, serves: bool = False
) -> Iterator[Flask]:
    """Have an app on a history in the database that a fixture's parameter names, while inside."""
    databases = name = url = None
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), instance / "proofsheet.db")
    else:
        databases = request.getfixturevalue("postgresql_databases")
        name = databases.take()
        url = on_server(request.getfixturevalue("postgresql_server"), name)
    app = create_app(Settings(instance=instance, database_url=url), serves=serves)
    with app.app_context():
        write_history()
    yield app
    dispose(app)
    if databases:
        databases.give_back(name)


@pytest.fixture
def history(app_with_history: Flask) -> Iterator[Flask]:
    """Some 300 generations of two models, keys, projects and templates, and their images.

    To be looked at alone: others do so, too.
    """
    with app_with_history.app_context():
        yield app_with_history


def write_history(generations: int = 300) -> None:
    """Commit a history that is the same each time, with its sums."""
    chance = random.Random(8)  # noqa: S311 - the same each time
    for name in ("ana", "ben"):
        db.session.add(ApiKey(name=name, prefix="ps_", sha256=name * 20, role=Role.CREATOR))
    db.session.commit()
    numbers = count(1)
    asked, images, tags = [], [], []
    for _ in range(generations):
        row = _generation(chance)
        asked.append(row)
        for ordinal in range(row["done"]):
            image = {**_image(row, chance), "id": next(numbers), "ordinal": ordinal}
            images.append(image)
            if chance.random() < 0.2:
                tags.append({"image_id": image["id"], "tag": "best"})
    db.session.execute(insert(Generation), asked)
    db.session.execute(insert(Image), images)
    db.session.execute(insert(ImageTag), tags)
    rebuild(db.session.connection())
    db.session.commit()


def _generation(chance: random.Random) -> dict[str, object]:
    at = BEGIN + timedelta(seconds=chance.randrange(DAYS * 24 * 3600), microseconds=7)
    status = chance.choices(("succeeded", "failed", "cancelled", "queued"), (80, 14, 3, 3))[0]
    n = chance.randint(1, 3)
    cost = chance.choice((None, 0, 33_600, 67_200)) if status != "queued" else None
    return {
        "id": str(ULID.from_datetime(at)),
        "created_at": at,
        "status": status,
        "prompt": "A fox",
        "final_prompt": "A fox",
        "provider": "gemini",
        "model": chance.choice(MODELS),
        "n": n,
        "done": n if status == "succeeded" else 0,
        "aspect_ratio": "1:1",
        "size": "1K",
        "project": chance.choice(PROJECTS),
        "template": chance.choice(TEMPLATES),
        "api_key_id": chance.choice((None, 1, 2)),
        "cost_microusd": cost,
        "error_code": _code(status, chance),
        "error_message": "It went wrong." if status == "failed" else None,
        "started_at": at + timedelta(milliseconds=chance.randrange(50, 90_000)),
        "finished_at": at + timedelta(seconds=100),
    }


def _code(status: str, chance: random.Random) -> str | None:
    codes = ("content_blocked", "provider_timeout", "rate_limited")
    return chance.choice(codes) if status == "failed" else None


def _image(row: dict[str, object], chance: random.Random) -> dict[str, object]:
    at = row["created_at"] + timedelta(seconds=chance.randrange(1, 60))  # type: ignore[operator]
    shared = ("provider", "model", "size", "project", "api_key_id")
    return {
        **{name: row[name] for name in shared},
        "generation_id": row["id"],
        "created_at": at,
        "position": position_of(at) + chance.randrange(10**5),
        "prompt": "A fox",
        "width": 1,
        "height": 1,
        "byte_count": chance.randrange(1_000, 9_000),
        "mime_type": "image/png",
        "sha256": "0" * 64,
        "color": "#000000",
        "source": "generated",
        "cost_microusd": chance.choice((None, 33_600)),
        "latency_ms": int(chance.lognormvariate(8.5, 0.6)),
        "favourite": chance.random() < 0.1,
        "deleted_at": None,
    }
