"""Prompts of any number, made up: generations as they were before their prompts were booked."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, insert, select

from app.extensions import db
from app.models import Generation, Image, Status
from app.models.image_filter import position_of
from app.models.prompt_row import PROMPTS
from benchmarks.history_data import MANNERS, PLACES, SUBJECTS

BATCH = 10_000
OPENINGS = (
    *("A", "An old", "The", "Portrait of a", "Watercolour of a", "Photo of a", "Two", "Isometric"),
    *("Logo for a", "Close-up of a", "Night view of a", "Map of a", "Cover with a", "Tiny"),
)
# One prompt in so many was used twice; one has so many images, and so many of the last have one.
TWICE = 20
OF_ONE = 100_000
WITH_ONE = 1_000
BEGIN = datetime(2024, 11, 1, tzinfo=UTC)
STEP = timedelta(seconds=30)


def build(prompts: int) -> None:
    """Commit a generation for each of so many prompts, and some more, into the schema 0004."""
    chance = random.Random(1)  # noqa: S311 - the same prompts each time
    table = cast(Table, Generation.__table__)
    for first in range(0, prompts, BATCH):
        rows = []
        for number in range(first, min(first + BATCH, prompts)):
            words = f"{_words(chance)} detail{number}"
            rows.append(_generation(2 * number, words))
            if number % TWICE == 0:
                rows.append(_generation(2 * number + 1, words.upper()))
        db.session.execute(insert(table), rows)
        db.session.commit()


def add_images() -> None:
    """Give the prompt that was used last many images, and those before it one each; commit."""
    query = select(PROMPTS.c.id).order_by(PROMPTS.c.position.desc()).limit(WITH_ONE)
    last, *others = db.session.scalars(query).all()
    owners = [*others, *[last] * OF_ONE]
    for first in range(0, len(owners), BATCH):
        rows = [
            _image(first + number, owner)
            for number, owner in enumerate(owners[first : first + BATCH])
        ]
        db.session.execute(insert(Image), rows)
    db.session.commit()


def _words(chance: random.Random) -> str:
    opening, subject, place, manner = map(chance.choice, (OPENINGS, SUBJECTS, PLACES, MANNERS))
    detail = " ".join(f"detail{chance.randrange(50_000)}" for _ in range(6))
    return f"{opening} {subject} {place}, {manner} style, {detail}"


def _generation(number: int, words: str) -> dict[str, Any]:
    return {
        "id": f"{number:026}",
        "status": Status.SUCCEEDED,
        "prompt": words,
        "final_prompt": words,
        "provider": "sketch",
        "model": "sketch-1",
        "n": 1,
        "aspect_ratio": "1:1",
        "size": "1K",
        "created_at": BEGIN + STEP * number,
    }


def _image(number: int, prompt_id: int) -> dict[str, Any]:
    created_at = BEGIN + STEP * number
    return {
        "position": position_of(created_at),
        "created_at": created_at,
        "prompt": "A fox",
        "prompt_id": prompt_id,
        "width": 1024,
        "height": 1024,
        "byte_count": 300_000,
        "mime_type": "image/jpeg",
        "sha256": f"{number:064x}",
        "color": "#445566",
        "favourite": number % 50 == 0,
    }
