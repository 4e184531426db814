"""The sums of images with a tag. Tags come and go, so nothing is kept of them: their rows are read."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from math import gcd
from typing import Any

from sqlalchemy import BigInteger, Select, func, literal_column, select

from app.errors import InvalidInput
from app.extensions import db
from app.models import Generation, Image, ImageTag
from app.models.image_filter import ImageFilter
from app.models.reporting.facts import DRAWN
from app.models.reporting.reading import Part
from app.models.reporting.sums import QUARTERS_A_DAY, Measures
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
    # Rows are added up by what all periods are multiples of: a day in UTC, an hour elsewhere.
    unit = gcd(*starts[1:]) or QUARTERS_A_DAY
    sums: dict[Part, list[int]] = defaultdict(lambda: [0] * len(Measures._fields))
    for number, *rest in db.session.connection().execute(_query(question, dimensions, unit)):
        values = tuple(
            _NOTHING.get(name, "") if value is None else value
            for name, value in zip(dimensions, rest, strict=False)
        )
        measures = _measures(rest[len(dimensions) :])
        total = sums[max(bisect_right(starts, number * unit) - 1, 0), values]
        for index, value in enumerate(measures):
            total[index] += value
    return {part: Measures(*total) for part, total in sums.items()}


def _query(question: Question, dimensions: tuple[str, ...], unit: int) -> Select[Any]:
    # A position is the time of creation, but for images of the same microsecond.
    number = Image.position // literal_column(str(unit * QUARTER_MICROSECONDS), BigInteger)
    groups = [number, *(_COLUMNS[name] for name in dimensions)]
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
    only = question.wanted().only
    if {"project", "template"}.intersection({*dimensions, *only}):
        query = query.outerjoin(Generation, Image.generation_id == Generation.id)
    return (
        query.where(Image.id.in_(tagged), Image.source.in_(DRAWN), *within.conditions())
        .where(*(_COLUMNS[name].in_(values) for name, values in only.items()))
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
