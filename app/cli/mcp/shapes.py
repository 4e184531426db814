"""What the tools tell: of the records of the services what an assistant can use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from app.extensions import current_settings


class Image(BaseModel):
    """One picture of the history, without its bytes."""

    id: int = Field(description="For get_image and edit_image.")
    prompt: str = Field(description="The words that were sent.")
    created_at: str
    width: int
    height: int
    mime_type: str
    bytes: int
    provider: str | None
    model: str | None
    seed: int | None
    aspect_ratio: str | None
    size: str | None
    cost_usd: float | None = Field(description="Null: not known.")
    source: str
    made_by: str | None = Field(description="The name of the key.")
    project: str | None
    generation: str | None
    parents: list[int] = Field(description="The pictures that it was made from.")
    favourite: bool
    tags: list[str]
    note: str | None
    deleted_at: str | None
    page: str | None = Field(description="Where people see it; null: no public address is set.")


class Failure(BaseModel):
    """Why there are fewer pictures than were asked for."""

    code: str
    message: str | None
    reason: str | None
    retryable: bool | None


class Generation(BaseModel):
    """One request for pictures, and how far it is."""

    id: str
    status: str = Field(description="queued, running, succeeded, failed or cancelled.")
    prompt: str = Field(description="The user's own words.")
    final_prompt: str = Field(description="The words that are sent.")
    model: str
    done: int = Field(description="How many pictures there are so far.")
    n: int = Field(description="How many were asked for.")
    cost_usd: float | None
    error: Failure | None


class Drawn(BaseModel):
    """What became of a request."""

    generation: Generation
    images: list[Image]
    hint: str | None = Field(description="What to do next, where there is something.")


class Found(BaseModel):
    """A part of the history."""

    images: list[Image]
    next_cursor: str | None = Field(description="Goes on; null at the end.")
    generation: Generation | None = Field(
        description="How far it is, where one was asked for by its id."
    )


class OneImage(BaseModel):
    """One picture, and as what it is shown."""

    image: Image
    shown: str = Field(description="The size that is shown.")
    shown_mime_type: str
    shown_bytes: int


class Usage(BaseModel):
    """What was made in some time. Periods in which nothing happened have no rows."""

    since: str
    until: str
    by: str
    tz: str
    filters: dict[str, str]
    rows: list[dict[str, Any]]
    totals: dict[str, Any]
    notes: list[str]


def image_shape(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of an image, by its record."""
    told = {name: record[name] for name in Image.model_fields if name in record}
    return {**told, "page": page_of(record["id"])}


def page_of(image_id: int) -> str | None:
    """Return where people see an image, or None where nobody said under which address."""
    public = current_settings().public_url
    return None if public is None else f"{str(public).rstrip('/')}/images/{image_id}"


def generation_shape(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a generation, by its record."""
    told = {name: record[name] for name in Generation.model_fields if name in record}
    return {**told, "done": record["progress"]["done"]}
