"""The query of GET /api/images: a filter, and which page of it."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from app.api.fields import COMMAS, NOT_NUL, Said, date_or_moment, setting
from app.api.shapes import IMAGE_FIELDS
from app.api.validation import Strict
from app.models import Source
from app.models.image_filter import ImageFilter
from app.models.types import LARGEST_NUMBER

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 1, 1, tzinfo=UTC)


def _moment(value: str) -> datetime:
    """Return an RFC 3339 moment, or the first moment in UTC of a date."""
    found = date_or_moment(value)
    moment = found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)
    # What lies before or after all pictures need not be told apart, and may have no place in UTC.
    return min(max(moment, EARLIEST), LATEST)


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    Said(anyOf=[{"format": "date-time"}, {"format": "date"}], type="string", format=None),
]
Label = Annotated[str, Field(min_length=1, max_length=100, pattern=NOT_NUL)]


class FilterQuery(Strict):
    """Which images; what is not given does not narrow. `until` is exclusive."""

    q: Annotated[str, Field(max_length=1000)] | None = Field(
        None,
        description="Words in what was sent or asked: all of them, the last one as it is being typed; "
        '"quoted phrases" in their order; -minus words not at all.',
        examples=['"red fox" -snow'],
    )
    deleted: Literal["exclude", "include", "only"] = Field(
        "exclude", description="Whether deleted images are shown."
    )
    generation: Label | None = Field(None, description="The id of their generation.")
    batch: Label | None = Field(None, description="The id of their batch.")
    model: Label | None = Field(None, description="What drew them.", examples=["sketch-1"])
    provider: Label | None = Field(None, description="Who drew them.", examples=["sketch"])
    project: Label | None = Field(None, description="Whom they are for.", examples=["acme"])
    source: Source | None = Field(None, description="How they came here.")
    by: Label | None = Field(None, description="The name of the key that made them.")
    prompt: Annotated[str, Field(min_length=1, pattern=NOT_NUL)] | None = Field(
        None, description="The words that were sent, exactly."
    )
    prompt_id: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = Field(
        None, description="The past prompt that they were made from, in any of its wordings."
    )
    favourite: Literal["true", "false"] | None = Field(
        None, description="Only those with a star, or without."
    )
    tag: tuple[Label, ...] = Field(
        (), description="A tag that they have; given more than once, all must be there."
    )
    sheet: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = Field(
        None, description="The proof sheet that they are on."
    )
    picked: Literal["true", "false"] | None = Field(
        None,
        description="Only those that were picked on it, or were not; without a sheet, on any.",
    )
    since: Moment | None = Field(
        None,
        description="Kept at this moment or later: RFC 3339, or a date, which begins in UTC.",
        examples=["2026-11-01"],
    )
    until: Moment | None = Field(
        None, description="Kept before this moment.", examples=["2026-11-22T12:00:00Z"]
    )
    sort: Literal["newest", "oldest"] = Field("newest", description="Which come first.")

    def filter(self) -> ImageFilter:
        """Return what the models understand."""
        return ImageFilter(
            q=self.q or None,
            deleted=self.deleted,
            generation=self.generation,
            batch=self.batch,
            model=self.model,
            provider=self.provider,
            project=self.project,
            source=self.source,
            by=self.by,
            prompt=self.prompt,
            prompt_id=self.prompt_id,
            favourite=None if self.favourite is None else self.favourite == "true",
            tags=tuple(sorted(set(self.tag))),
            sheet=self.sheet,
            picked=None if self.picked is None else self.picked == "true",
            since=self.since,
            until=self.until,
            sort=self.sort,
        )


# Far beyond any history, and a place that both databases can count to.
LAST_PAGE = 10**15
PageSize = Annotated[int, Field(ge=1), Said(maximum=setting("max_page_size"))]
FIELDS = {"type": "array", "items": {"enum": IMAGE_FIELDS}, COMMAS: True}


class ListQuery(FilterQuery):
    """A filter, then either `page` and `per_page`, or `limit` and `cursor`."""

    page: Annotated[int, Field(ge=1, le=LAST_PAGE)] | None = Field(
        None, description="The number of the page, from 1; not beside limit or cursor."
    )
    per_page: PageSize | None = Field(None, description="How many images a page has.")
    limit: PageSize | None = Field(
        None, description="How many images at the most; goes on by cursor."
    )
    cursor: str | None = Field(
        None, description="Where to go on: next_cursor or prev_cursor of an answer to this filter."
    )
    fields: Annotated[str, Said(**FIELDS)] | None = Field(
        None, description="Only these fields of each image, with commas between.", examples=[["id"]]
    )

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
