"""Reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api.answers.base import Moment, Shape, shown, sometimes
from app.api.answers.budget import Budget

_SPLIT = "Only where the report is split by it; null: none."


class Question(Shape):
    """What a report was asked, as it was answered."""

    report: str = shown("Its name.", "usage")
    since: Moment = shown("From this moment on.", "2026-11-01T00:00:00Z")
    until: Moment = shown("Before this moment.", "2026-11-22T12:15:00Z")
    by: Literal["hour", "day", "week", "month"] = shown("How long a period is.", "day")
    tz: str = shown("Whose days they are.", "Europe/Berlin")
    filters: dict[str, str] = shown("What narrows it, by name.", {"project": "acme"})
    notes: list[str] = shown("What a reader must know.", ["The month is one of UTC."])


class Made(Shape):
    """What happened. Totals are the sums of the rows."""

    generations: int = shown("That have ended.", 7, ge=0)
    succeeded: int = shown("Of them, with a picture at least.", 5, ge=0)
    failures: int = shown("Without one.", 1, ge=0)
    cancelled: int = shown("Called off.", 1, ge=0)
    images: int = shown("That were generated, whether or not they are deleted since.", 9, ge=0)
    favourites: int = shown("Of them, with a star now.", 2, ge=0)
    bytes: int = shown("Of these images.", 9_437_184, ge=0)
    cost_usd: float = shown("Of the generations whose cost is known.", 0.3024, ge=0)
    unpriced: int = shown("Generations whose cost is not known.", 0, ge=0)


class Split(Shape):
    """Of which part of the history a row tells."""

    provider: str | None = sometimes(_SPLIT, "gemini")
    model: str | None = sometimes(_SPLIT, "gemini-3-pro-image")
    project: str | None = sometimes(_SPLIT, "acme")
    key: str | None = sometimes("Only where it is split by it; null: the command line.", "ana")
    size: str | None = sometimes(_SPLIT, "1K")
    template: str | None = sometimes(_SPLIT, "poster")


class OfPeriod(Shape):
    """Of which period a row tells."""

    period: str = shown("An hour, a day, 2026-W47 or 2026-11, in `tz`.", "2026-11-22")
    start: Moment = shown("When it begins; cut off at `since`.", "2026-11-21T23:00:00Z")


class UsageRow(Made, Split, OfPeriod):
    """A period, or one part of it."""


class Usage(Question):
    """What was made."""

    rows: list[UsageRow] = Field(description="The periods in order; those of nothing, too.")
    totals: Made


class OfModels(Made):
    """How a model does."""

    success_rate: float | None = shown("Of those that were not called off; null: none.", 0.9821)
    cost_per_image_usd: float | None = shown("Of the images that have a price.", 0.134)
    latency_p50_ms: int | None = shown("Half of the images took the provider so long.", 5210)
    latency_p95_ms: int | None = shown("95 of 100.", 9800)
    latency_p99_ms: int | None = shown("99 of 100.", 14_200)


class ModelRow(OfModels):
    """A model at one size."""

    provider: str | None = shown("Who draws; null: not told.", "gemini")
    model: str | None = shown("With which model.", "gemini-3-pro-image")
    size: str | None = shown("By the name that the model gives it.", "1K")


class Models(Question):
    """How models do."""

    rows: list[ModelRow] = Field(description="The one that made most images first.")
    totals: OfModels


class Example(Shape):
    """A generation that failed so."""

    id: str = shown("Its id.", "01KAMQ6SZ4N3F8A4VQ2W5X7Y9Z")
    created_at: Moment = shown("When it was asked for.", "2026-11-22T10:00:00.5Z")
    message: str = shown("What was said.", "The provider refused the prompt.")


class FailureRow(Shape):
    """What failed for one reason."""

    provider: str | None = shown("Who should have drawn.", "gemini")
    model: str | None = shown("With which model.", "gemini-3-pro-image")
    reason: str = shown("The code of the error.", "content_blocked")
    kind: Literal["refusal", "fault"] = shown(
        "Whether the provider said no to what was asked, or something broke.", "refusal"
    )
    failures: int = shown("How often.", 3, ge=1)
    share: float | None = shown("Of all failures.", 0.75)
    advice: str = shown("What to do about it.", "Word the prompt another way.")
    examples: list[Example] = Field(description="The newest of them.")


class FailureTotals(Shape):
    """All failures."""

    generations: int = shown("That have ended.", 100, ge=0)
    failures: int = shown("Without a picture.", 4, ge=0)
    refusals: int = shown("Of them, those that the provider said no to.", 3, ge=0)
    faults: int = shown("The others.", 1, ge=0)
    failure_rate: float | None = shown("Of those that were not called off.", 0.04)
    refusal_rate: float | None = shown("Likewise.", 0.03)


class Failures(Question):
    """What failed, and why."""

    rows: list[FailureRow] = Field(description="What happened most often first.")
    totals: FailureTotals


class Waits(Shape):
    """How long things took, in milliseconds; null: nothing was measured."""

    begun: int = shown("Generations that were begun.", 7, ge=0)
    queue_p50_ms: int | None = shown("Half of them waited so long.", 140)
    queue_p95_ms: int | None = shown("95 of 100.", 900)
    queue_p99_ms: int | None = shown("99 of 100.", 2100)
    images: int = shown("Images whose time is known.", 9, ge=0)
    provider_p50_ms: int | None = shown("Half of them took the provider so long.", 5210)
    provider_p95_ms: int | None = shown("95 of 100.", 9800)
    provider_p99_ms: int | None = shown("99 of 100.", 14_200)


class LatencyRow(Waits, Split, OfPeriod):
    """A period, or one part of it."""


class Latency(Question):
    """How long things took."""

    rows: list[LatencyRow] = Field(description="The periods in order.")
    totals: Waits


class Spent(Shape):
    """What it cost."""

    generations: int = shown("That have ended.", 7, ge=0)
    images: int = shown("That were generated.", 9, ge=0)
    cost_usd: float = shown("Of the generations whose cost is known.", 0.3024, ge=0)
    unpriced: int = shown("Generations whose cost is not known.", 0, ge=0)


class CostRow(Spent, Split, OfPeriod):
    """A period, or one part of it."""


class CostTotals(Spent):
    """All of it."""

    cost_per_image_usd: float | None = shown("Of the images that have a price.", 0.0336)


class Month(Shape):
    """The present month, in UTC."""

    start: Moment = shown("When it began.", "2026-11-01T00:00:00Z")
    end: Moment = shown("When it ends.", "2026-12-01T00:00:00Z")
    to_date_usd: float = shown("What it cost so far.", 12.5, ge=0)
    unpriced: int = shown("Generations whose cost is not known.", 0, ge=0)
    projected_usd: float = shown("To its end, if it goes on as so far.", 17.2, ge=0)
    budgets: list[Budget] = Field(description="As they stand: in all, and of the key in question.")


class Cost(Question):
    """What it cost."""

    rows: list[CostRow] = Field(description="The periods in order; those of nothing, too.")
    totals: CostTotals
    month: Month


class Kept(Shape):
    """Images that are there, by when they were created."""

    images: int = shown("Deleted ones included.", 9, ge=0)
    picture_bytes: int = shown("Of their pictures.", 9_437_184, ge=0)
    thumbnail_bytes: int = shown("Of their thumbnails.", 204_800, ge=0)
    deleted_images: int = shown("Of them, the deleted ones.", 1, ge=0)
    purge_bytes: int = shown("What a purge of these would give back.", 1_071_104, ge=0)


class StorageRow(Kept, OfPeriod):
    """A period."""

    kept_bytes: int = shown("Of all pictures and thumbnails up to its end.", 9_641_984, ge=0)


class Database(Kept):
    """All that is there now."""

    rows_and_indexes_bytes: int = shown("Beside pictures and thumbnails.", 1_310_720, ge=0)
    free_bytes: int | None = shown("That hold nothing; null: not known.", 0)
    database_bytes: int = shown("On the disk, in all.", 10_952_704, ge=0)


class Storage(Question):
    """The room that everything takes."""

    rows: list[StorageRow] = Field(description="The periods in order; those of nothing, too.")
    totals: Kept
    database: Database


class SideRow(Made):
    """One side of a comparison."""

    side: Literal["a", "b"] = shown("a: what was asked about; b: what it is compared with.", "a")
    name: str = shown("What it is.", "poster, 2026-11-01 to 2026-11-22")
    success_rate: float | None = shown("Of those that were not called off.", 0.98)
    favourite_rate: float | None = shown("Of the images.", 0.12)
    latency_p50_ms: int | None = shown("Half of the images took the provider so long.", 5210)
    latency_p95_ms: int | None = shown("95 of 100.", 9800)
    cost_per_image_usd: float | None = shown("Of the images that have a price.", 0.0336)


class Difference(Shape):
    """How far a is from b."""

    measure: str = shown("Which column.", "success_rate")
    difference: float | None = shown("a minus b; null where one is not known.", 0.02)
    verdict: Literal["different", "the same", "may be chance", "too few to tell"] = shown(
        "What that says.", "may be chance"
    )


class PromptRow(Shape):
    """A prompt of one of the lists, and what happened with it in the time that was asked about."""

    list: Literal["most_used", "most_recent", "most_kept", "most_failed", "never_reused"] = shown(
        "Which list.", "most_used"
    )
    rank: int = shown("Its place there.", 1, ge=1)
    prompt_id: int = shown("Which past prompt.", 7, ge=1)
    text: str = shown("As it was worded last.", "A red fox in the snow")
    uses: int = shown("Generations, and images of none.", 12, ge=0)
    images: int = shown("Made from it, whether or not they were deleted since.", 20, ge=0)
    favourites: int = shown("Of them, with a star now.", 5, ge=0)
    failures: int = shown("Generations that failed.", 1, ge=0)
    last_used_at: Moment | None = shown(
        "The last use, to the millisecond; null: only images fall into the time.",
        "2026-11-22T10:00:00.5Z",
    )


class Word(Shape):
    """A word, without case and accents."""

    word: str = shown("The word.", "fox")
    count: int = shown("How often it occurs.", 40, ge=1)


class Phrase(Shape):
    """Two words, one after the other."""

    phrase: str = shown("The words.", "red fox")
    count: int = shown("How often they occur.", 12, ge=1)


class Prompts(Question):
    """With which words."""

    rows: list[PromptRow] = Field(description="List by list, each from its first place on.")
    totals: Made = Field(description="Of all that was asked about, not of the rows alone.")
    words: list[Word] = Field(description="The most frequent one first.")
    phrases: list[Phrase] = Field(description="The most frequent one first.")
    words_from: int = shown("In so many prompts words were counted.", 20_000, ge=0)


class Empty(Shape):
    """Nothing."""


class Compare(Question):
    """Two sides."""

    rows: list[SideRow] = Field(description="a, then b.")
    totals: Empty
    differences: list[Difference] = Field(description="Measure by measure.")
