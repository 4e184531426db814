"""What the API shows: the records of the services, with links."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.models import Generation, Image
from app.services.records import generation_record, image_record

# What image_json shows, in its order.
IMAGE_FIELDS = (
    *("id", "prompt", "created_at", "width", "height", "mime_type", "bytes", "sha256", "color"),
    *("provider", "model", "seed", "aspect_ratio", "size", "cost_usd", "latency_ms", "source"),
    *("made_by", "project", "generation", "parents", "favourite", "tags", "note", "deleted_at"),
    "links",
)


def generation_json(generation: Generation) -> dict[str, Any]:
    """Return a generation with its images, as JSON has it."""
    return {
        **generation_record(generation),
        "images": [image_json(image) for image in generation.images],
        "links": {"self": url_for("api.generations.show", generation_id=generation.id)},
    }


def image_json(image: Image) -> dict[str, Any]:
    """Return an image's record, without its bytes, as JSON has it."""
    # The version makes a link name these very bytes, so that it may be cached for ever.
    version = image.sha256[:12]
    return {
        **image_record(image),
        "links": {
            "self": url_for("api.images.show", image_id=image.id),
            "file": url_for("api.images.file", image_id=image.id, v=version),
            "thumbnail": url_for("api.images.thumbnail", image_id=image.id, v=version),
        },
    }


def record_etag(image: Image) -> str:
    """Return the ETag of an image's record: it changes with each mark."""
    return f"{image.id}-{image.revision}"
