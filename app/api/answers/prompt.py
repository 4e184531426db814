"""Past prompts."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown
from app.api.answers.image import ImageLinks


class Suggestion(Shape):
    """A past prompt, to be used again."""

    id: int = shown("Its number.", 5, ge=1)
    text: str = shown("The user's own words, as they were written last.", "A lighthouse at dusk")
    uses: int = shown("How often it was asked for, or a picture came with it.", 3, ge=1)
    last_used_at: Moment = shown("When it was used last, in UTC.", "2026-11-22T10:00:00.5Z")


class SuggestionList(Shape):
    """Past prompts for what is being typed."""

    items: list[Suggestion] = Field(description="The best first.")


class NewestImage(Shape):
    """The newest image of a prompt."""

    id: int = shown("Its number.", 17, ge=1)
    links: ImageLinks


class PromptLinks(Shape):
    """Addresses of one past prompt."""

    images: Address = shown("Its images.", "/api/images?prompt_id=5")


class Prompt(Suggestion):
    """A past prompt: all wordings that differ in case and white space alone are one."""

    first_used_at: Moment = shown("When it was used first, in UTC.", "2026-11-01T09:30:00.5Z")
    images: int = shown(
        "How many images were made from it and are not deleted; 10,000 may be more.", 4, ge=0
    )
    favourites: int = shown("How many of them have a star; likewise.", 1, ge=0)
    newest_image: NewestImage | None = Field(description="Not a deleted one; null: there is none.")
    links: PromptLinks


class PromptPage(Shape):
    """A page of past prompts."""

    items: list[Prompt] = Field(description="The prompts, in the order of `sort`.")
    next_cursor: str | None = shown("Goes on; null at the end.", None)
    prev_cursor: str | None = shown("Goes back; null at the beginning.", None)
