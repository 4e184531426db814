"""The room that everything takes, how it grew, and what a purge would give back."""

from __future__ import annotations

from app.errors import InvalidInput
from app.models import space
from app.models.reporting.reading import kept_before, read_kept
from app.models.reporting.sums import Kept
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, period_columns

NOTES = (
    "Rows are about the images that are there, by when they were created: those that were purged are "
    "in none of them. kept_bytes is all that was there at a period's end.",
    "purge_bytes is what a purge of the deleted ones would give back. rows_and_indexes_bytes is what is "
    "left of the database beside pictures, thumbnails and free pages, which PostgreSQL does not tell.",
)

# Quarter hours from 1970 on: some ten thousand years.
_FAR = 400_000_000


def storage(question: Question) -> Report:
    """Return a row for each period with what it brought; `more` has the database as it stands.

    Raises InvalidInput for a question about a part of the history: room is told of all together.
    """
    if filters := question.filters():
        name = next(iter(filters))
        raise InvalidInput(f"The report storage is about all images; leave {name} out.", field=name)
    periods = question.periods()
    spans = [period.span for period in periods]
    sums = read_kept(spans)
    before = kept_before(spans[0][0])
    kept_bytes = before.picture_bytes + before.thumbnail_bytes
    rows: list[Row] = []
    for period, kept in zip(periods, sums, strict=True):
        kept_bytes += kept.picture_bytes + kept.thumbnail_bytes
        rows.append({**period_columns(period), **_columns(kept), "kept_bytes": kept_bytes})
    totals = _columns(Kept(*map(sum, zip(*sums, strict=True))))
    return Report(
        "storage", question, rows, totals, [*NOTES, *question.cuts()], {"database": database_room()}
    )


def _columns(kept: Kept) -> Row:
    return {
        "images": kept.images,
        "picture_bytes": kept.picture_bytes,
        "thumbnail_bytes": kept.thumbnail_bytes,
        "deleted_images": kept.deleted_images,
        "purge_bytes": kept.deleted_picture_bytes + kept.deleted_thumbnail_bytes,
    }


def database_room() -> Row:
    """Return how it stands now: all images, and the bytes of the database by what they are for."""
    everything = kept_before(_FAR)
    size, free = space.database_bytes(), space.free_bytes()
    known = everything.picture_bytes + everything.thumbnail_bytes + (free or 0)
    return {
        **_columns(everything),
        "rows_and_indexes_bytes": max(0, size - known),
        "free_bytes": free,
        "database_bytes": size,
    }
