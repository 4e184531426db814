"""Rows to begin with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from app import create_app, imaging
from app.extensions import db
from app.models import (
    ApiKey,
    Batch,
    BudgetSpending,
    Event,
    Generation,
    Image,
    PromptTemplate,
    ProofSheet,
    ProofSheetImage,
    Role,
    WebhookDelivery,
    Worker,
)
from app.models.budget import Period
from app.models.image_filter import position_of
from app.models.image_manager import ImageDetails, ImageManager
from app.models.prompt_book import use
from app.models.reporting.book import book_room, rooms_of
from app.models.reporting.facts import as_deleted
from app.models.rollup import book, quarter_of
from app.models.types import utc_now
from config import Settings
from tests.pictures import picture

# For tests of what cannot depend on the kind of database: the other takes a tenth of a second each.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def app_with(settings: Settings, **changes: Any) -> Iterator[Flask]:
    """Push the context of one more app with these settings, some of them changed."""
    app = create_app(Settings.model_validate({**settings.model_dump(), **changes}))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def image_data(data: object) -> SimpleNamespace:
    """Return what the Gemini SDK gives for a picture: anything with `.image.image_bytes`."""
    return SimpleNamespace(image=SimpleNamespace(image_bytes=data))


def kept_image(prompt: str = "A fox", data: bytes | None = None, **details: Any) -> Image:
    """Store and commit a picture as it came; return its row."""
    prepared = imaging.prepare(data or picture())
    image = ImageManager().store(prompt, prepared, ImageDetails(**details))
    db.session.commit()
    return image


def deleted_image(prompt: str = "A fox", **details: Any) -> Image:
    """Store a picture and delete it, as the services do; return its row."""
    image = kept_image(prompt, **details)
    image.deleted_at = utc_now()
    book({quarter_of(image.position): (-1, 1)})
    book_room(map(as_deleted, rooms_of([image.id])))
    db.session.commit()
    return image


def many_images(times: Sequence[datetime], **columns: Any) -> None:
    """Commit a row without a picture for each moment, booked as the manager does.

    A column may be a function of the number of the row. Quicker than keeping as many pictures.
    """
    plain = {"width": 1, "height": 1, "byte_count": 1, "mime_type": "image/png", "color": "#000000"}
    rows = []
    deltas: Counter[int] = Counter()
    for number, moment in enumerate(times):
        given = {name: v(number) if callable(v) else v for name, v in columns.items()}
        row = {
            "prompt": f"Fox {number}",
            "sha256": "0" * 64,
            "created_at": moment,
            **plain,
            **given,
        }
        rows.append({**row, "position": position_of(moment)})
        if given.get("deleted_at") is None:
            deltas[quarter_of(position_of(moment))] += 1
    db.session.execute(insert(Image), rows)
    book({quarter: (live, 0) for quarter, live in deltas.items()})
    gone = Counter(quarter_of(row["position"]) for row in rows if row.get("deleted_at"))
    book({quarter: (0, deleted) for quarter, deleted in gone.items()})
    db.session.commit()


def generation(**columns: Any) -> Generation:
    """Commit a generation; every column that matters can be given."""
    defaults = {"prompt": "A fox", "final_prompt": "A fox, painted", "provider": "sketch"}
    settings = {"model": "sketch-1", "aspect_ratio": "1:1", "size": "1K"}
    row = Generation(**{**defaults, **settings, "created_at": utc_now(), **columns})
    row.prompt_id = use(row.prompt, row.created_at)
    db.session.add(row)
    db.session.commit()
    return row


def one_of_each() -> None:
    """Commit a row of every table that has a CHECK, and a proof sheet."""
    image = kept_image(generation_id=generation(n=3).id, ordinal=0, latency_ms=5)
    sheet = ProofSheet(title="Foxes", sha256="0" * 64, expires_at=utc_now())
    db.session.add(sheet)
    db.session.flush()
    db.session.add(ProofSheetImage(sheet_id=sheet.id, image_id=image.id, number=1, word="Nice"))
    db.session.add(ApiKey(name="key", prefix="ps_", sha256="0" * 64, role=Role.VIEWER))
    db.session.add(PromptTemplate(name="plain", version=1, text="{user_input}"))
    db.session.add(Worker(name="one", token="0" * 26))
    db.session.add(Batch(id="0" * 26, total=2, pictures=2))
    db.session.add(WebhookDelivery(event=Event.BATCH_ENDED, subject="0" * 26))
    db.session.add(BudgetSpending(scope=0, period=Period.DAY, start=date(2026, 11, 22)))
    db.session.commit()
