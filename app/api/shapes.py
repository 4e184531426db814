"""What the API shows: the records of the services, with links."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from app.models import Generation, Image
from app.models.image_row import ImageRow
from app.services.records import generation_record, image_record, row_record

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
    return _with_links(image_record(image))


def row_json(row: ImageRow) -> dict[str, Any]:
    """Return the same of a row of a listing."""
    return _with_links(row_record(row))


def image_links(image_id: int, sha256: str) -> dict[str, str]:
    """Return the addresses of an image's record, its picture and its thumbnail."""
    # By hand: url_for took a quarter of the time of a page. A test holds it to the routes.
    address = f"{request.script_root}/api/images/{image_id}"
    # The version makes a link name these very bytes, so that it may be cached for ever.
    version = sha256[:12]
    return {
        "self": address,
        "file": f"{address}/file?v={version}",
        "thumbnail": f"{address}/thumbnail?v={version}",
    }


def _with_links(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "links": image_links(record["id"], record["sha256"])}


def record_etag(image: Image) -> str:
    """Return the ETag of an image's record: it changes with each mark."""
    return f"{image.id}-{image.revision}"
