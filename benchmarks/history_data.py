"""A history of any size, made up: rows as the service writes them, with one picture for the first."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.extensions import db
from app.models import Image, ImageBlob, Source, search_index
from app.models.image_filter import position_of
from app.models.rollup import book, quarter_of
from app.models.search import compose, labels

BATCH = 10_000
PICTURE = random.Random(2).randbytes(300_000)  # noqa: S311 - bytes that nothing can make smaller
YEARS = 2
MODELS = ("gemini-nano-banana-2.1", "gemini-3-pro-image", "gemini-2.5-flash-image", "rare-model")
WEIGHTS = (60, 30, 9.99, 0.01)
SUBJECTS = ("fox", "castle", "robot", "harbour", "forest", "market", "astronaut", "violin")
MANNERS = ("watercolour", "neon", "film", "baroque", "minimal", "charcoal", "pastel", "paper")
PLACES = ("at dusk", "in the snow", "under two moons", "by the sea", "in a quiet street")


def build(images: int) -> None:
    """Commit `images` rows, spread evenly over two years, in an app context."""
    chance = random.Random(1)  # noqa: S311 - the same history each time
    step = timedelta(days=365 * YEARS) / images
    begin = datetime(2024, 11, 1, tzinfo=UTC)
    for first in range(0, images, BATCH):
        numbers = range(first, min(first + BATCH, images))
        rows = [_row(number, begin + step * number, chance) for number in numbers]
        db.session.execute(insert(Image), rows)
        search_index.add_many((row["position"], _words(row)) for row in rows)
        live = Counter(quarter_of(row["position"]) for row in rows)
        book({quarter: (count, 0) for quarter, count in live.items()})
        db.session.commit()


def show_picture() -> None:
    """Give the first image a picture of PICTURE's bytes, and commit."""
    db.session.execute(insert(ImageBlob), [{"image_id": 1, "data": PICTURE}])
    db.session.commit()


def place_of(offset: int) -> tuple[int, int]:
    """Return the position and the id of the image before the one at `offset`, newest first."""
    newest_first = select(Image.position, Image.id).order_by(Image.position.desc())
    position, image_id = db.session.execute(newest_first.offset(max(offset - 1, 0)).limit(1)).one()
    return position, image_id


def prompts(chance: random.Random) -> Iterator[str]:
    """Yield prompts of some 146 characters, with common and rare words."""
    while True:
        words = [chance.choice(SUBJECTS), chance.choice(PLACES), chance.choice(MANNERS)]
        detail = " ".join(f"detail{chance.randrange(50_000)}" for _ in range(9))
        yield f"A {words[0]} {words[1]}, {words[2]} style, {detail}"


def _words(row: dict[str, Any]) -> str:
    known = labels(provider=row["provider"], model=row["model"], source=Source.GENERATED)
    return compose(row["prompt"], labels=known)


def _row(number: int, created_at: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "position": position_of(created_at),
        "created_at": created_at,
        "prompt": next(prompts(chance)),
        "width": 1024,
        "height": 1024,
        "byte_count": 300_000,
        "mime_type": "image/jpeg",
        "sha256": f"{number:064x}",
        "color": "#445566",
        "provider": "gemini",
        "model": chance.choices(MODELS, WEIGHTS)[0],
        "aspect_ratio": "1:1",
        "size": "1K",
        "cost_microusd": 33_600,
        "latency_ms": chance.randrange(4_000, 12_000),
        "favourite": chance.random() < 0.02,  # noqa: PLR2004 - one in fifty
    }
