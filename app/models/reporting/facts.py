"""One thing that happened, as reports count it: an image that was drawn, a generation that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models.generation import Status
from app.models.image import Source
from app.models.image_filter import position_of
from app.models.reporting.latency_buckets import bucket_of
from app.models.reporting.series import Dimensions
from app.models.reporting.sums import Kept, Measures, Wait
from app.models.rollup import quarter_of

# Uploads, and pictures that came from elsewhere, were not generated here.
DRAWN = (Source.GENERATED, Source.PROXY)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be added, where, and in which quarter hour. `waits` are buckets of durations."""

    quarter: int
    dimensions: Dimensions
    measures: Measures
    waits: tuple[tuple[Wait, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What the images of a quarter hour take more, or less."""

    quarter: int
    kept: Kept


def image_fact(image: Any, project: str | None, template: str | None) -> Fact:
    """Return what is counted of an image: a row of `images`, or one of those that were purged.

    `project` and `template` are those of its generation. An image may be put into another project
    later: that does not change what was asked for, and paid, for which.
    """
    dimensions = Dimensions(
        provider=image.provider or "",
        model=image.model or "",
        size=image.size or "",
        api_key_id=image.api_key_id or 0,
        project=project or "",
        template=template or "",
    )
    measures = Measures(
        images=1,
        image_bytes=image.byte_count,
        priced_images=int(image.cost_microusd is not None),
        image_cost_microusd=image.cost_microusd or 0,
        favourites=int(image.favourite or False),
    )
    latency = image.latency_ms
    waits = () if latency is None else ((Wait.PROVIDER, bucket_of(latency)),)
    return Fact(_quarter(image.created_at), dimensions, measures, waits)


def generation_fact(generation: Any) -> Fact:
    """Return what is counted of a generation that has ended."""
    status = Status(generation.status)
    failed = status == Status.FAILED
    dimensions = Dimensions(
        provider=generation.provider,
        model=generation.model,
        size=generation.size,
        api_key_id=generation.api_key_id or 0,
        project=generation.project or "",
        template=generation.template or "",
        error_code=(generation.error_code or "") if failed else "",
    )
    measures = Measures(
        succeeded=int(status == Status.SUCCEEDED),
        failed=int(failed),
        cancelled=int(status == Status.CANCELLED),
        cost_microusd=generation.cost_microusd or 0,
        unpriced=int(generation.cost_microusd is None),
    )
    waits = () if generation.started_at is None else ((Wait.QUEUE, _queued(generation)),)
    return Fact(_quarter(generation.created_at), dimensions, measures, waits)


def room_of(created_at: datetime, picture: int, thumbnails: int, *, deleted: bool) -> Room:
    """Return the room that an image takes whose picture and thumbnails have so many bytes."""
    gone = (1, picture, thumbnails) if deleted else (0, 0, 0)
    return Room(_quarter(created_at), Kept(1, picture, thumbnails, *gone))


def as_deleted(room: Room) -> Room:
    """Return what the same images add to the room of deleted ones alone."""
    images, picture_bytes, thumbnail_bytes, *_ = room.kept
    return Room(room.quarter, Kept(0, 0, 0, images, picture_bytes, thumbnail_bytes))


def _queued(generation: Any) -> int:
    # Clocks of two machines may differ: no duration is below 0.
    waited = (generation.started_at - generation.created_at).total_seconds()
    return bucket_of(max(waited, 0) * 1000)


def _quarter(moment: datetime) -> int:
    return quarter_of(position_of(moment))
