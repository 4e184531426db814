"""A history made by the services, and ways to spoil it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Image
from app.models.image_manager import ImageManager
from app.providers.base import ContentBlocked
from app.services import marks
from app.services.batch_feed import finish_batches
from app.services.batches import submit_batch
from app.services.check import CHECKERS, Finding, Options, find_faults, repair_faults
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.marks import Marks, change_images
from app.services.purge import purge_images
from app.services.turn import Turn
from tests.fakes.providers import install
from tests.models.conftest import serves
from tests.models.samples import image_data, kept_image
from tests.pictures import picture

__all__ = ["serves"]


def look(**options: bool) -> dict[str, Finding]:
    """Return what is wrong, by the name of the kind."""
    found = find_faults(CHECKERS, Options(**options), lambda _checker: lambda _number: None)
    return {each.kind.name: each for each in found}


def repair() -> dict[str, Finding]:
    """Mend, and return what was wrong."""
    found = repair_faults(CHECKERS, Options(), lambda _checker: lambda _number: None)
    return {each.kind.name: each for each in found}


@pytest.fixture
def history(context: Flask) -> Flask:
    """Ten images of all kinds: drawn, edited, uploaded, marked, deleted; others purged; a failure."""
    install(context, picture("JPEG", size=(8, 8)))
    service = ImageGeneratorService()
    first = service.generate(GenerationRequest("A red fox", n=3)).images[0]
    service.generate(GenerationRequest("the same in snow", input_images=(first.id,)))
    service.generate(GenerationRequest("To be forgotten"))
    for words in ("A hare", "a  HARE", "Sold"):
        ImageManager().add_image(words, image_data(picture("PNG", size=(400, 9))))
    batch = submit_batch([GenerationRequest("One"), GenerationRequest("Two", n=2)], name="Numbers")
    for row in db.session.scalars(select(Generation).filter_by(batch_id=batch.id)).all():
        service.run(row.id, Turn(row.job, "worker"))
    finish_batches()
    install(context, ContentBlocked("No.", reason="SAFETY"))
    service.generate(GenerationRequest("Something bad"))
    ids = list(db.session.scalars(select(Image.id).order_by(Image.id)))
    change_images(ids[:5], marks.put(Marks(favourite=True, tags=["fox"], note="Good")))
    change_images([ids[1], ids[4], ids[7]], marks.delete())
    purge_images([ids[4]], forget=True)
    purge_images([ids[7]])
    kept_image("A wood")
    return context


def spoil(*statements: str) -> None:
    """Commit statements of SQL, without regard to foreign keys."""
    db.session.rollback()
    off, on = (
        ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON")
        if db.engine.dialect.name == "sqlite"
        else ("SET session_replication_role = replica", "RESET session_replication_role")
    )
    with closing(db.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        for statement in (off, *statements, on):
            driver.execute(statement)
        driver.commit()
