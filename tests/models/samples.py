"""Rows to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app import create_app, imaging
from app.extensions import db
from app.models import ApiKey, Generation, Image, PromptTemplate, Role
from app.models.image_manager import ImageDetails, ImageManager
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


def generation(**columns: Any) -> Generation:
    """Commit a generation; every column that matters can be given."""
    defaults = {"prompt": "A fox", "final_prompt": "A fox, painted", "provider": "sketch"}
    settings = {"model": "sketch-1", "aspect_ratio": "1:1", "size": "1K"}
    row = Generation(**{**defaults, **settings, **columns})
    db.session.add(row)
    db.session.commit()
    return row


def one_of_each() -> None:
    """Commit a row of every table that has a CHECK."""
    kept_image(generation_id=generation(n=3).id, ordinal=0)
    db.session.add(ApiKey(name="key", prefix="ps_", sha256="0" * 64, role=Role.VIEWER))
    db.session.add(PromptTemplate(name="plain", version=1, text="{user_input}"))
    db.session.commit()
