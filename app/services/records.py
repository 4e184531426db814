"""What is told of a generation, an image and a past prompt, field by field, by every face alike."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.errors import Budget
from app.models import ApiKey, Generation, Image, PromptTemplate, SavedSearch
from app.models.image import IMAGES
from app.models.image_row import ImageRow
from app.models.prompt_manager import placeholders
from app.models.prompt_row import PromptRow
from app.models.suggestions import Suggestion
from app.models.types import MICRO
from app.services.batch_view import BatchView


def generation_record(generation: Generation) -> dict[str, Any]:
    """Return a generation, without its images, ready for JSON."""
    return {
        "id": generation.id,
        "status": generation.status,
        "prompt": generation.prompt,
        "final_prompt": generation.final_prompt,
        "template": generation.template,
        "template_version": generation.template_version,
        "variables": generation.variables,
        "provider": generation.provider,
        "model": generation.model,
        "n": generation.n,
        "aspect_ratio": generation.aspect_ratio,
        "size": generation.size,
        "seed": generation.seed,
        "parents": generation.input_images or [],
        "retry_of": generation.retry_of,
        "batch": generation.batch_id,
        "project": generation.project,
        "end_user": generation.end_user,
        "made_by": generation.api_key.name if generation.api_key else None,
        "progress": {"done": generation.done, "total": generation.n},
        "attempts": generation.attempts,
        "next_try_at": timestamp(generation.next_try_at),
        "error": _error(generation),
        "estimated_cost_usd": dollars(generation.estimated_microusd),
        "cost_usd": dollars(generation.cost_microusd),
        "created_at": timestamp(generation.created_at),
        "started_at": timestamp(generation.started_at),
        "finished_at": timestamp(generation.finished_at),
    }


def batch_record(view: BatchView) -> dict[str, Any]:
    """Return a batch as it stands, ready for JSON."""
    batch, progress = view.batch, view.progress
    speed, left = view.pictures_per_minute, view.seconds_left
    return {
        "id": batch.id,
        "status": view.status,
        "name": batch.name,
        "project": batch.project,
        "made_by": batch.api_key.name if batch.api_key else None,
        "total": batch.total,
        "counts": dict(progress.counts),
        "progress": {"done": progress.done, "total": batch.pictures},
        "estimated_cost_usd": dollars(batch.estimated_microusd),
        "cost_usd": dollars(progress.cost_microusd),
        "unpriced": progress.unpriced,
        "pictures_per_minute": None if speed is None else round(speed, 2),
        "seconds_left": None if left is None else math.ceil(left),
        "created_at": timestamp(batch.created_at),
        "started_at": timestamp(progress.started_at),
        "finished_at": timestamp(view.finished_at),
        "cancelled_at": timestamp(batch.cancelled_at),
    }


def image_record(image: Image) -> dict[str, Any]:
    """Return an image's record, without its bytes, ready for JSON."""
    columns = {name: getattr(image, name) for name in IMAGES.c.keys()}  # noqa: SIM118
    made_by = image.api_key.name if image.api_key else None
    parents = [row.parent_id for row in image.parent_rows]
    return _image_record(columns, made_by, sorted(image.tags), parents)


def row_record(row: ImageRow) -> dict[str, Any]:
    """Return the same of a row of a listing."""
    return _image_record(row.columns, row.columns["made_by"], row.tags, row.parents)


def prompt_record(row: PromptRow) -> dict[str, Any]:
    """Return a past prompt, ready for JSON; `newest_image` is its id, or None."""
    return {
        **suggestion_record(row),
        "first_used_at": timestamp(row.first_used_at),
        "images": row.images,
        "favourites": row.favourites,
        "newest_image": row.newest.id if row.newest else None,
    }


def suggestion_record(row: PromptRow | Suggestion) -> dict[str, Any]:
    """Return what is known of a past prompt by itself, ready for JSON."""
    return {
        "id": row.id,
        "text": row.text,
        "uses": row.uses,
        "last_used_at": timestamp(row.last_used_at),
    }


def template_record(template: PromptTemplate) -> dict[str, Any]:
    """Return one version of a template, ready for JSON."""
    return {
        "name": template.name,
        "version": template.version,
        "text": template.text,
        "created_at": timestamp(template.created_at),
        "placeholders": sorted(placeholders(template.text)),
    }


def search_record(search: SavedSearch) -> dict[str, Any]:
    """Return a kept search, ready for JSON."""
    return {
        "name": search.name,
        "query": search.query,
        "created_at": timestamp(search.created_at),
    }


def key_record(key: ApiKey) -> dict[str, Any]:
    """Return what is known of a key, but not the key itself, ready for JSON."""
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "requests_per_minute": key.requests_per_minute,
        "daily_budget_usd": dollars(key.daily_budget_microusd),
        "monthly_budget_usd": dollars(key.monthly_budget_microusd),
        "prefix": key.prefix,
        "created_at": timestamp(key.created_at),
        "last_used_at": timestamp(key.last_used_at),
        "revoked_at": timestamp(key.revoked_at),
    }


def budget_record(budget: Budget) -> dict[str, Any]:
    """Return how a budget stands, ready for JSON."""
    return {
        "key": budget.key,
        "period": budget.period,
        "limit_usd": dollars(budget.limit),
        "spent_usd": dollars(budget.spent),
        "reserved_usd": dollars(budget.reserved),
        "left_usd": dollars(budget.left),
        "resets_at": timestamp(budget.resets_at),
    }


def _image_record(
    image: Mapping[str, Any], made_by: str | None, tags: list[str], parents: list[int]
) -> dict[str, Any]:
    return {
        "id": image["id"],
        "prompt": image["prompt"],
        "created_at": timestamp(image["created_at"]),
        "width": image["width"],
        "height": image["height"],
        "mime_type": image["mime_type"],
        "bytes": image["byte_count"],
        "sha256": image["sha256"],
        "color": image["color"],
        "provider": image["provider"],
        "model": image["model"],
        "seed": image["seed"],
        "aspect_ratio": image["aspect_ratio"],
        "size": image["size"],
        "cost_usd": dollars(image["cost_microusd"]),
        "latency_ms": image["latency_ms"],
        "usage": image["usage"],
        "source": image["source"],
        "made_by": made_by,
        "project": image["project"],
        "generation": image["generation_id"],
        "parents": parents,
        "favourite": image["favourite"],
        "tags": tags,
        "note": image["note"],
        "deleted_at": timestamp(image["deleted_at"]),
    }


def timestamp(moment: datetime | None) -> str | None:
    """Return a moment as RFC 3339 in UTC, or None."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def dollars(microusd: int | None) -> float | None:
    """Return US dollars, or None where the price is unknown."""
    return None if microusd is None else microusd / MICRO


def _error(generation: Generation) -> dict[str, Any] | None:
    if generation.error_code is None:
        return None
    return {
        "code": generation.error_code,
        "message": generation.error_message,
        "reason": generation.error_reason,
        "retryable": generation.error_retryable,
    }


# What an image's record has, whatever it tells.
IMAGE_FIELDS = tuple(_image_record(defaultdict(lambda: None), None, [], []))
