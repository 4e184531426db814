"""The sums of images with a tag. Tags come and go, so nothing is kept of them: their rows are read."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from app.errors import InvalidInput
from app.extensions import db
from app.models import Generation, Image, ImageTag
from app.models.image_filter import ImageFilter
from app.models.reporting.facts import DRAWN
from app.models.reporting.reading import Part
from app.models.reporting.sums import Measures
from app.models.rollup import QUARTER_MICROSECONDS
from app.services.reports.periods import Period
from app.services.reports.question import Question

TAGGED = (
    "With a tag this is about the images that carry it now: generations are those that they are of, "
    "cost is their own, unpriced are images without a price. What failed has no images."
)
_COLUMNS = {
    **{name: getattr(Image, name) for name in ("provider", "model", "size", "api_key_id")},
    **{name: getattr(Generation, name) for name in ("project", "template")},
}
# As the sums without a tag have it: nothing is an empty text, or the key 0.
_NOTHING = {"api_key_id": 0}


def refuse_tag(question: Question, report: str) -> None:
    """Raise InvalidInput where a report cannot be about a tag."""
    if question.tag is not None:
        raise InvalidInput(
            f"The report {report} counts what has no images, so it knows no tags; leave tag out.",
            field="tag",
        )


def tagged_sums(
    question: Question, dimensions: tuple[str, ...], periods: Sequence[Period]
) -> dict[Part, Measures]:
    """Return the sums of the images with the question's tag by period and dimensions."""
    starts = [period.span[0] for period in periods]
    sums: dict[Part, list[int]] = defaultdict(lambda: [0] * len(Measures._fields))
    for quarter, *rest in db.session.connection().execute(_query(question, dimensions)):
        values = tuple(
            _NOTHING.get(name, "") if value is None else value
            for name, value in zip(dimensions, rest, strict=False)
        )
        measures = _measures(rest[len(dimensions) :])
        total = sums[bisect_right(starts, quarter) - 1, values]
        for index, value in enumerate(measures):
            total[index] += value
    return {part: Measures(*total) for part, total in sums.items()}


def _query(question: Question, dimensions: tuple[str, ...]) -> Select[Any]:
    # A position is the time of creation, but for images of the same microsecond.
    quarter = Image.position // QUARTER_MICROSECONDS
    groups = [quarter, *(_COLUMNS[name] for name in dimensions)]
    query = select(
        *groups,
        func.count(Image.generation_id.distinct()),
        func.count(),
        func.sum(Image.byte_count),
        func.count(Image.cost_microusd),
        func.sum(Image.cost_microusd),
        func.count().filter(Image.favourite),
    )
    tagged = select(ImageTag.image_id).where(ImageTag.tag == question.tag)
    within = ImageFilter(deleted="include", since=question.since, until=question.until)
    return (
        query.outerjoin(Generation, Image.generation_id == Generation.id)
        .where(Image.id.in_(tagged), Image.source.in_(DRAWN), *within.conditions())
        .where(*(_COLUMNS[name].in_(values) for name, values in question.wanted().only.items()))
        .group_by(*groups)
    )


def _measures(counted: Sequence[Any]) -> Measures:
    generations, images, size, priced, cost, favourites = counted
    return Measures(
        succeeded=generations,
        cost_microusd=int(cost or 0),
        unpriced=images - priced,
        images=images,
        image_bytes=int(size),
        priced_images=priced,
        image_cost_microusd=int(cost or 0),
        favourites=favourites,
    )
