"""The query of GET /api/images: a filter, and which page of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from app.api.shapes import IMAGE_FIELDS
from app.api.validation import Strict
from app.models import Source
from app.models.image_filter import ImageFilter


def _moment(value: str) -> datetime:
    """Return an RFC 3339 moment, or the first moment in UTC of a date."""
    if len(value) == len("2026-11-22"):
        day = date.fromisoformat(value)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    # A "+" that was not encoded arrives as a space.
    moment = datetime.fromisoformat(value.replace(" ", "+"))
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone, such as 2026-11-22T10:00:00Z")
    return moment


Moment = Annotated[datetime, BeforeValidator(_moment)]
Label = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class FilterQuery(Strict):
    """Which images; what is not given does not narrow. `until` is exclusive."""

    q: Annotated[str, Field(max_length=1000)] | None = None
    deleted: Literal["exclude", "include", "only"] = "exclude"
    generation: Label | None = None
    model: Label | None = None
    provider: Label | None = None
    project: Label | None = None
    source: Source | None = None
    by: Label | None = None
    prompt: Annotated[str, Field(min_length=1, pattern=r"^[^\x00]*$")] | None = None
    favourite: Literal["true", "false"] | None = None
    tag: tuple[Label, ...] = ()
    since: Moment | None = None
    until: Moment | None = None
    sort: Literal["newest", "oldest"] = "newest"

    def filter(self) -> ImageFilter:
        """Return what the models understand."""
        return ImageFilter(
            q=self.q or None,
            deleted=self.deleted,
            generation=self.generation,
            model=self.model,
            provider=self.provider,
            project=self.project,
            source=self.source,
            by=self.by,
            prompt=self.prompt,
            favourite=None if self.favourite is None else self.favourite == "true",
            tags=tuple(sorted(set(self.tag))),
            since=self.since,
            until=self.until,
            sort=self.sort,
        )


class ListQuery(FilterQuery):
    """A filter, then either `page` and `per_page`, or `limit` and `cursor`."""

    page: int | None = Field(None, ge=1)
    per_page: int | None = Field(None, ge=1)
    limit: int | None = Field(None, ge=1)
    cursor: str | None = None
    fields: str | None = None

    @model_validator(mode="after")
    def _one_way_of_paging(self) -> Self:
        numbered = self.page is not None or self.per_page is not None
        if numbered and self.by_cursor:
            raise ValueError("give either page and per_page, or limit and cursor")
        if unknown := self.columns().difference(IMAGE_FIELDS):
            names = ", ".join(sorted(unknown))
            raise ValueError(f"fields: there is no {names}; there are {', '.join(IMAGE_FIELDS)}")
        return self

    @property
    def by_cursor(self) -> bool:
        """Tell whether the caller goes on by cursor."""
        return self.limit is not None or self.cursor is not None

    def columns(self) -> set[str]:
        """Return the names of the fields that are asked for; none means all."""
        return set(self.fields.split(",")) if self.fields else set()
