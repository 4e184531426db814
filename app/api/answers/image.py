"""One image, and pages of them."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, RootModel

from app.api.answers.base import Address, Moment, Shape, shown, sometimes
from app.models import Source


class ImageLinks(Shape):
    """Addresses of one image."""

    self: Address = shown("This record.", "/api/images/17")
    file: Address = shown(
        "The picture; with `v` it may be cached for ever.", "/api/images/17/file?v=5f2d1a0b9c3e"
    )
    thumbnail: Address = shown(
        "A small WebP of it; `size` is added by whoever wants 640.",
        "/api/images/17/thumbnail?v=5f2d1a0b9c3e",
    )


class Image(Shape):
    """The record of one image."""

    id: int = shown("Never used again, even when the image is purged.", 17, ge=1)
    prompt: str = shown(
        "The words that were sent; of an upload those it was given, else the name of its file.",
        "A lighthouse at dusk",
    )
    created_at: Moment = shown("When it was kept, in UTC.", "2026-11-22T10:00:00.123456Z")
    width: int = shown("In pixels, as seen.", 1024, ge=1)
    height: int = shown("In pixels, as seen.", 1024, ge=1)
    mime_type: str = shown("The type of its file, found from the bytes.", "image/png")
    bytes: int = shown("The size of its file.", 48213, ge=1)
    sha256: str = shown("Of its file, in hexadecimal.", "5f2d1a0b" * 8, pattern="^[0-9a-f]{64}$")
    color: str = shown("Its average colour.", "#5a6b7c", pattern="^#[0-9a-f]{6}$")
    provider: str | None = shown("Who drew it; null when nobody here did.", "sketch")
    model: str | None = shown("With which model; null when not known.", "sketch-1")
    seed: int | None = shown("Draws it again; null: the provider's own chance.", 7)
    aspect_ratio: str | None = shown("As asked for; null when not known.", "1:1")
    size: str | None = shown("As asked for; null when not known.", "1K")
    cost_usd: float | None = shown("In US dollars; null: no price is known.", 0.0336, ge=0)
    latency_ms: int | None = shown("The provider's time, in milliseconds.", 5210, ge=0)
    usage: dict[str, int] | None = shown(
        "Tokens, as the provider counted them, by kind; null: it told none.",
        {"prompt_tokens": 8, "image_tokens": 1120, "total_tokens": 1128},
    )
    source: Source = shown("How it came here.", "generated")
    made_by: str | None = shown("The name of the key; null: the command line.", "admin")
    project: str | None = shown("Whom it is for.", "acme")
    generation: str | None = shown("The id of its generation.", "01KAN4V5B6M7Q8R9S0T1V2W3X4")
    parents: list[int] = shown("Ids of the images that it was made from.", [12])
    favourite: bool = shown("Whether it has a star.", example=False)
    tags: list[str] = shown("In alphabetical order.", ["sea"])
    note: str | None = shown("What somebody wrote about it.", "for the cover")
    deleted_at: Moment | None = shown("When it was deleted; it can be restored.", None)
    links: ImageLinks


class FullImage(Image):
    """The record of one image; with `include=base64` its bytes too."""

    image_base64: str = sometimes(
        "The file in base64, only with `include=base64`.",
        "iVBORw0KGgo=",
        json_schema_extra={"contentEncoding": "base64"},
    )


def _any_fields(schema: dict[str, Any]) -> None:
    del schema["required"]


class ListedImage(Image):
    """The record of one image: all of its fields, or those that `fields` names."""

    model_config = ConfigDict(json_schema_extra=_any_fields)


class ImagePage(Shape):
    """A page of the history: by number, or by cursor, when the numbers are null."""

    items: list[ListedImage] = Field(description="The images, in the order of `sort`.")
    page: int | None = shown("Its number, from 1.", 1, ge=1)
    per_page: int | None = shown("How many images a page has.", 20, ge=1)
    total: int | None = shown("How many images there are, counted as far as 10,000.", 1, ge=0)
    total_capped: bool | None = shown("Whether there are more than `total`.", example=False)
    pages: int | None = shown("How many pages there are.", 1, ge=0)
    next_cursor: str | None = shown("Goes on; null at the end.", None)
    prev_cursor: str | None = shown("Goes back; null at the beginning.", None)


class Changed(Shape):
    """What a change of many did."""

    matched: int = shown("How many images were meant.", 3, ge=0)
    changed: int = shown("How many of them were not so already.", 2, ge=0)


class WouldChange(Shape):
    """What a change of many would do."""

    matched: int = shown("How many images are meant.", 3, ge=0)
    would_change: int = shown("How many of them are not so already.", 2, ge=0)
    expected: int = shown("To be sent with the call that does it.", 3, ge=0)


class BulkAnswer(RootModel[Changed | WouldChange]):
    """What a change of many did, or with `dry_run` would do."""


class Forgotten(Shape):
    """What a purge erased of words."""

    generations: int = shown("How many generations have lost their words.", 2, ge=0)
    kept_for_count: int = shown("For how many other images words had to stay.", 1, ge=0)
    kept_for: list[int] = shown("The first of those.", [19])


class Purged(Shape):
    """What a purge did."""

    purged: int = shown("How many images were removed for good.", 3, ge=0)
    bytes_freed: int = shown("By how many bytes the database is smaller on the disk.", 144639)
    complete: bool = shown(
        "False where somebody's long reading left traces in the files: the same again, even with "
        "nothing left to purge, takes them away.",
        example=True,
    )
    forgotten: Forgotten | None = Field(description="With `forget` only, else null.")


class WouldPurge(Shape):
    """What a purge would do."""

    matched: int = shown("How many deleted images are meant.", 3, ge=0)
    would_purge: int = shown("How many would be removed for good.", 3, ge=0)
    expected: int = shown("To be sent with the call that does it.", 3, ge=0)


class PurgeAnswer(RootModel[Purged | WouldPurge]):
    """What a purge did, or with `dry_run` would do."""


class NeighbourLinks(Shape):
    """A neighbour."""

    id: int = shown("Its number.", 18, ge=1)
    links: ImageLinks


class Neighbours(Shape):
    """The ways on from one image."""

    newer: NeighbourLinks | None = Field(description="The next newer one; null: there is none.")
    older: NeighbourLinks | None = Field(description="The next older one; null: there is none.")
    exact: bool = shown(
        "False where a search gave up: behind a null there may be an image.", example=True
    )


class Uploaded(Shape):
    """What was kept of an upload."""

    items: list[Image] = Field(description="The images, in the order of their files.")


class Lineage(Shape):
    """What an image was made from, and what was made from it, over all steps."""

    image: Image = Field(description="The image itself.")
    ancestors: list[Image] = Field(
        description="The images that it was made from, and those that they were made from: the "
        "nearest first, each once. Their `parents` say how they hang together."
    )
    descendants: list[Image] = Field(description="The same of those that were made from it.")
    complete: bool = shown(
        "False where there are more than 200 in a direction, of which the nearest are shown.",
        example=True,
    )
