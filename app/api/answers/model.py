"""Models that draw."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Shape, shown


class DrawingModel(Shape):
    """One model of the catalog."""

    name: str = shown("What POST /api/generations calls it.", "sketch-1")
    provider: str = shown("Whose it is.", "sketch")
    usable: bool = shown("Whether it can draw here now.", example=True)
    default: bool = shown("Whether it draws when none is named.", example=True)
    sizes: list[str] = shown("The sizes that it draws in.", ["512", "1K"])
    default_size: str = shown("The one when none is named.", "1K")
    aspect_ratios: list[str] = shown("Width to height.", ["1:1", "16:9"])
    default_aspect_ratio: str = shown("The one when none is named.", "1:1")
    prices_usd: dict[str, float | None] = shown(
        "US dollars a picture, by size; null: no price is known.", {"512": 0.0, "1K": 0.0}
    )
    max_input_images: int = shown("How many pictures it takes to work from.", 0, ge=0)


class ModelList(Shape):
    """All models of the catalog."""

    items: list[DrawingModel] = Field(description="In the catalog's order.")
