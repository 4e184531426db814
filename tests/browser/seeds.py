"""A small history to look at: sixty pictures of some days, in all the ways that pages show."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from PIL import Image, ImageOps

from app import create_app, imaging
from app.extensions import db
from app.models.image import Source
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.types import utc_now
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.templates import create_template
from config import Settings
from tests.conftest import dispose, key_of_each
from tests.fakes.providers import install
from tests.pictures import saved

PICTURES = 60
SUBJECTS = ("A red fox in the snow", "A lighthouse at dusk", "A city at night", "A sleeping cat")
MANNERS = ("watercolour", "woodcut", "soft pastel", "charcoal", "film grain")
SHAPES = {"1:1": (160, 160), "3:2": (180, 120), "2:3": (120, 180), "16:9": (192, 108)}
COLOURS = ("#8a3324", "#2f5d8a", "#3f7d4e", "#c9a227", "#5b3f8c", "#8c6f5b", "#1f6f78")
# How long before now each is made: some days, with several pictures in most.
BETWEEN = timedelta(hours=5)


@dataclass(frozen=True)
class Seeds:
    """A database to copy, and the keys in it by role."""

    file: Path
    tokens: Mapping[str, str]

    def copy_to(self, instance: Path) -> None:
        """Put the database into the folder of an instance."""
        target = instance / "proofsheet.db"
        target.touch(mode=0o600)
        shutil.copyfile(self.file, target)


def seed(folder: Path) -> Seeds:
    """Fill the migrated database in `folder`.

    Images 1 to 60, the newest with the highest id: every fifth is a favourite, every fourth has the tag
    "print", every sixth is of the project "zoo", the tenth has a note, the third is deleted and the
    twentieth an upload. Then two generations: "A quiet harbour", which made image 61 by the template
    "poster", and "A storm", which made image 62.
    """
    app = create_app(Settings(instance=folder))
    with app.app_context():
        tokens = key_of_each(app)
        ImageManager().store_all(map(_picture, range(1, PICTURES + 1)))
        create_template("poster", "A poster of {user_input} on {paper} paper")
        db.session.commit()
        _generations(app)
        db.session.remove()
    dispose(app)
    return Seeds(folder / "proofsheet.db", tokens)


def _picture(number: int) -> NewImage:
    ratio = [*SHAPES][number % len(SHAPES)]
    made = utc_now() - (PICTURES - number + 1) * BETWEEN
    words = f"{SUBJECTS[number % len(SUBJECTS)]}, {MANNERS[number % len(MANNERS)]}, no. {number}"
    return NewImage(
        words,
        imaging.prepare(_drawn(number, ratio)),
        _details(number, ratio, made),
        created_at=made,
    )


def _details(number: int, ratio: str, made: datetime) -> ImageDetails:
    return ImageDetails(
        source=Source.UPLOAD if number == 20 else Source.GENERATED,
        provider="sketch",
        model="sketch-1",
        seed=number,
        aspect_ratio=ratio,
        size="512",
        cost_microusd=39_000 if number % 2 else None,
        favourite=number % 5 == 0,
        tags=("print",) if number % 4 == 0 else (),
        project="zoo" if number % 6 == 0 else None,
        note="Chosen for the first page." if number == 10 else None,
        deleted_at=made if number == 3 else None,
    )


def _drawn(number: int, ratio: str) -> bytes:
    """Return a picture that differs from its neighbours."""
    across = Image.linear_gradient("L").rotate(90 * number).resize(SHAPES[ratio])
    colour = COLOURS[number % len(COLOURS)]
    return saved(ImageOps.colorize(across, colour, "#f4efe6", mid="#d9a679"), "JPEG", quality=70)


def _generations(app: Flask) -> None:
    install(app, _drawn(PICTURES + 1, "3:2"))
    service = ImageGeneratorService()
    service.generate(
        GenerationRequest("A quiet harbour", template="poster", variables={"paper": "grey"})
    )
    service.generate(GenerationRequest("A storm"))
