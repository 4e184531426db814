"""The queries of GET /api/reports/…: about which time, in which periods, and about what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from app.api.fields import DATE, Said, date_or_moment
from app.api.image_query import Label
from app.api.validation import Strict
from app.services.reports.periods import By
from app.services.reports.prompts import MOST, USUAL
from app.services.reports.question import Question, ask

MOMENT = {"anyOf": [{"format": "date-time"}, {"format": "date"}], "type": "string", "format": None}


Time = Annotated[Any, BeforeValidator(date_or_moment), Said(**MOMENT)]


class FormatQuery(Strict):
    """How a report is sent."""

    format: Literal["json", "csv"] | None = Field(
        None, description="JSON, or the rows as CSV; else as Accept has it.", examples=["csv"]
    )


class TimeQuery(FormatQuery):
    """About which time, and in which periods."""

    since: Time | None = Field(
        None,
        description="From this moment on: RFC 3339, or a date, which begins in `tz`; widened to the "
        "quarter hour. If not given: 48 hours, 30 days, 13 weeks or 12 months, with the present one.",
        examples=[DATE],
    )
    until: Time | None = Field(
        None,
        description="Before this moment, widened likewise; now, if not given.",
        examples=["2026-11-22T12:00:00Z"],
    )
    by: By = Field(By.DAY, description="How long a period is; weeks begin on Monday.")
    tz: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="Whose days: a name of IANA's; that of PROOFSHEET_TIMEZONE, if not given.",
        examples=["Europe/Berlin"],
    )

    def question(self) -> Question:
        """Return the question. Raises InvalidInput."""
        return ask(self.since, self.until, self.by, self.tz, **self.filters())

    def filters(self) -> dict[str, str | None]:
        """Return what narrows it."""
        names = "model", "provider", "key", "project", "template", "tag"
        return {name: getattr(self, name) for name in names if hasattr(self, name)}


class ReportQuery(TimeQuery):
    """About which part of the history."""

    model: Label | None = Field(None, description="Of this model alone.", examples=["sketch-1"])
    provider: Label | None = Field(None, description="Of this provider alone.", examples=["sketch"])
    key: Label | None = Field(None, description="Of the key of this name alone.")
    project: Label | None = Field(
        None, description="Asked for with this project alone.", examples=["acme"]
    )
    template: Label | None = Field(None, description="Asked for with this template alone.")


class TaggedQuery(ReportQuery):
    """The same, and only what has a tag."""

    tag: Label | None = Field(None, description="Only images that have this tag now.")


class SplitQuery(TaggedQuery):
    """The same, told apart."""

    split: Literal["model", "provider", "project", "key", "size", "template"] | None = Field(
        None, description="A row for each of these in each period."
    )


class PromptsQuery(TaggedQuery):
    """The same; this report has no periods."""

    by: By = Field(By.MONTH, description="Says how far back it goes without `since`.")
    limit: int = Field(USUAL, description="So many of each list.", ge=1, le=MOST)


class LatencyQuery(ReportQuery):
    """The same without a tag."""

    split: Literal["model", "provider", "project", "key", "size", "template"] | None = Field(
        None, description="A row for each of these in each period."
    )


class CompareQuery(ReportQuery):
    """What is compared with what; by itself, with as much time right before."""

    other_since: Time | None = Field(
        None, description="The other period begins here; `since`, if not given beside a template."
    )
    other_until: Time | None = Field(None, description="And ends here; as above.")
    other_template: Label | None = Field(None, description="The other template.")
