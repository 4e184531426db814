"""What the API shows: the records of the services, with links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request, url_for

from app.models import Generation, Image
from app.models.image_row import ImageRow
from app.models.prompt_row import PromptRow
from app.services.records import generation_record, image_record, prompt_record, row_record

# What image_json shows, in its order.
IMAGE_FIELDS = (
    *("id", "prompt", "created_at", "width", "height", "mime_type", "bytes", "sha256", "color"),
    *("provider", "model", "seed", "aspect_ratio", "size", "cost_usd", "latency_ms", "usage"),
    *(
        "source",
        "made_by",
        "project",
        "generation",
        "parents",
        "favourite",
        "tags",
        "note",
        "deleted_at",
    ),
    "links",
)


def generation_json(generation: Generation) -> dict[str, Any]:
    """Return a generation with its images, as JSON has it."""
    return {
        **generation_record(generation),
        "images": [image_json(image) for image in generation.images],
        "links": {"self": url_for("api.generations.show", generation_id=generation.id)},
    }


def generations_json(
    generations: Iterable[Generation], images: Mapping[str, list[ImageRow]]
) -> list[dict[str, Any]]:
    """Return the same of many, with the rows of their images by their ids."""
    return [
        {
            **generation_record(each),
            "images": rows_json(images.get(each.id, ())),
            "links": {"self": url_for("api.generations.show", generation_id=each.id)},
        }
        for each in generations
    ]


def image_json(image: Image) -> dict[str, Any]:
    """Return an image's record, without its bytes, as JSON has it."""
    record = image_record(image)
    record["links"] = image_links(image.id, image.sha256)
    return record


def rows_json(rows: Iterable[ImageRow]) -> list[dict[str, Any]]:
    """Return the same of the rows of a listing."""
    root = request.script_root
    records = [row_record(row) for row in rows]
    for record in records:
        record["links"] = _links(root, record["id"], record["sha256"])
    return records


def prompt_json(row: PromptRow) -> dict[str, Any]:
    """Return a past prompt's record, as JSON has it; its link leads to its images."""
    newest = row.newest
    return {
        **prompt_record(row),
        "newest_image": newest
        and {"id": newest.id, "links": image_links(newest.id, newest.sha256)},
        "links": {"images": f"{request.script_root}/api/images?prompt_id={row.id}"},
    }


def image_links(image_id: int, sha256: str) -> dict[str, str]:
    """Return the addresses of an image's record, its picture and its thumbnail."""
    return _links(request.script_root, image_id, sha256)


def _links(root: str, image_id: int, sha256: str) -> dict[str, str]:
    # By hand: url_for took a quarter of the time of a page. A test holds it to the routes.
    address = f"{root}/api/images/{image_id}"
    # The version makes a link name these very bytes, so that it may be cached for ever.
    version = sha256[:12]
    return {
        "self": address,
        "file": f"{address}/file?v={version}",
        "thumbnail": f"{address}/thumbnail?v={version}",
    }


def record_etag(image: Image) -> str:
    """Return the ETag of an image's record: it changes with each mark."""
    return f"{image.id}-{image.revision}"
