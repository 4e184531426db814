"""A history of any size for reports: generations that have ended, an image for each that succeeded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from ulid import ULID

from app.extensions import db
from app.models import ApiKey, Generation, Image, ImageTag, Role
from app.models.image_filter import position_of
from app.models.reporting.rebuild import rebuild

BATCH = 10_000
DAYS = 730
END = datetime(2026, 11, 1, tzinfo=UTC)
BEGIN = END - timedelta(days=DAYS)
MODELS = ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-2.5-flash-image", "rare-model")
WEIGHTS = (60, 30, 9.99, 0.01)
PRICES = (33_600, 134_000, 39_000, None)
PROJECTS = (None, "acme", "zoo", "museum", "festival")
TEMPLATES = (None, None, "poster", "portrait")
KEYS = ("ana", "ben", "shop")
CODES = ("content_blocked", "provider_timeout", "rate_limited", "no_image")
FAILED, CANCELLED, TAGGED, STARRED = 0.05, 0.01, 0.05, 0.02
TAG = "best"


def build(images: int) -> None:
    """Commit some more generations than `images`, spread over two years, and the sums of reports."""
    chance = random.Random(4)  # noqa: S311 - the same history each time
    for name in KEYS:
        db.session.add(
            ApiKey(name=name, prefix="ps_", sha256=name.ljust(64, "0"), role=Role.CREATOR)
        )
    db.session.commit()
    number = 0
    for some in _batches(round(images / (1 - FAILED - CANCELLED)), chance):
        drawn = [row for row in some if row["status"] == "succeeded"]
        pictures = [
            {**_image(row, chance), "id": number + place} for place, row in enumerate(drawn, 1)
        ]
        number += len(pictures)
        tags = [{"image_id": row["id"], "tag": TAG} for row in pictures if chance.random() < TAGGED]
        db.session.execute(insert(Generation), some)
        db.session.execute(insert(Image), pictures)
        db.session.execute(insert(ImageTag), tags)
        db.session.commit()
    rebuild(db.session.connection())
    db.session.commit()


def _batches(number: int, chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    step = timedelta(days=DAYS) / number
    for first in range(0, number, BATCH):
        yield [
            _generation(BEGIN + step * each, chance)
            for each in range(first, min(first + BATCH, number))
        ]


def _generation(at: datetime, chance: random.Random) -> dict[str, Any]:
    [place] = chance.choices(range(len(MODELS)), WEIGHTS)
    luck = chance.random()
    failed, cancelled = luck < FAILED, FAILED <= luck < FAILED + CANCELLED
    status = "failed" if failed else "cancelled" if cancelled else "succeeded"
    return {
        "id": str(ULID.from_datetime(at)),
        "created_at": at,
        "status": status,
        "prompt": "A fox",
        "final_prompt": "A fox",
        "provider": "gemini",
        "model": MODELS[place],
        "done": int(status == "succeeded"),
        "aspect_ratio": "1:1",
        "size": "1K",
        "project": chance.choice(PROJECTS),
        "template": chance.choice(TEMPLATES),
        "api_key_id": chance.randint(1, len(KEYS)),
        "cost_microusd": PRICES[place] if status == "succeeded" else 0,
        "error_code": chance.choice(CODES) if failed else None,
        "started_at": at + timedelta(milliseconds=round(chance.expovariate(1 / 800)) + 1),
        "finished_at": at + timedelta(seconds=20),
    }


def _image(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    same = ("provider", "model", "size", "project", "api_key_id", "cost_microusd", "created_at")
    return {
        **{name: row[name] for name in same},
        "generation_id": row["id"],
        "ordinal": 0,
        "position": position_of(row["created_at"]),
        "prompt": "A fox",
        "width": 1024,
        "height": 1024,
        "byte_count": chance.randrange(200_000, 900_000),
        "mime_type": "image/jpeg",
        "sha256": "0" * 64,
        "color": "#445566",
        "latency_ms": round(chance.lognormvariate(8.8, 0.5)),
        "favourite": chance.random() < STARRED,
        "deleted_at": None,
    }
