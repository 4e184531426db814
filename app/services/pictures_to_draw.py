"""The pictures that a generation still lacks, and how one of them is drawn and checked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from app.errors import InvalidPicture
from app.extensions import current_settings, db
from app.models import Image
from app.providers.base import GeneratedImage, ImageRequest, Provider, ProviderBadAnswer
from app.services.input_images import read_inputs

if TYPE_CHECKING:
    from app.imaging import Picture


def draw_picture(provider: Provider, request: ImageRequest) -> tuple[GeneratedImage, Picture, int]:
    """Return what the provider drew, checked, and its time in milliseconds.

    Raises ProviderError, also for a picture that cannot be kept.
    """
    from app import imaging  # with Pillow, which reading the history does without

    settings = current_settings()
    started = time.monotonic()
    drawn = provider.generate(request)
    latency_ms = round((time.monotonic() - started) * 1000)
    try:
        picture = imaging.prepare(
            drawn.image.image_bytes,
            output=settings.image_format,
            quality=settings.image_quality,
            limits=imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels),
        )
    except InvalidPicture as error:
        raise ProviderBadAnswer(
            f"The provider's picture cannot be kept: {error}", may_be_billed=True
        ) from error
    return drawn, picture, latency_ms


def missing_pictures(generation: Row[Any]) -> Iterator[ImageRequest]:
    """Yield what is still to be drawn: a turn that is repeated draws nothing twice.

    Raises InputGone when a picture to work from was purged meanwhile.
    """
    kept = set(db.session.scalars(select(Image.ordinal).filter_by(generation_id=generation.id)))
    given_up = set(map(int, generation.given_up or {}))
    inputs = read_inputs(generation.input_images or ())
    for ordinal in range(generation.n):
        if ordinal not in kept | given_up:
            yield ImageRequest(
                prompt=generation.final_prompt,
                model=generation.model,
                aspect_ratio=generation.aspect_ratio,
                size=generation.size,
                seed=generation.seed,
                ordinal=ordinal,
                input_images=inputs,
            )
