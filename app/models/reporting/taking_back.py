"""What was counted of rows that are to vanish without a trace: counted no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import and_
from typing import Any, cast

from sqlalchemy import Table, delete, select

from app.extensions import db
from app.models.batches import batches
from app.models.generation import Generation
from app.models.image import IMAGES
from app.models.reporting.book import book, book_room, drawn_images, rooms_of
from app.models.reporting.facts import Fact, generation_fact, image_fact
from app.models.reporting.hold import hold_sums
from app.models.reporting.purged_image import PurgedImage
from app.models.reporting.series import ReportSeries, series_of
from app.models.reporting.sums import KEPT, LATENCIES, SUMS, Kept, Measures, Wait

_SERIES = cast(Table, ReportSeries.__table__)
_EMPTY = tuple(LATENCIES.c[wait].is_(None) for wait in Wait)


class TakingBack:
    """Takes back what was counted; `tidy` comes last, after the commit of all the rest."""

    def __init__(self) -> None:
        """Take nothing back yet."""
        self._series: set[int] = set()

    def images(self, ids: Collection[int]) -> None:
        """Count images no more that are still there, with their generations."""
        book_room(rooms_of(ids), -1)
        for some in batches(ids):
            rows = db.session.execute(drawn_images().where(IMAGES.c.id.in_(some)))
            self._take(image_fact(row, row.asked_project, row.template) for row in rows)

    def purged(self, rows: Iterable[PurgedImage]) -> None:
        """Count images no more that were purged."""
        self._take(image_fact(row, row.project, row.template) for row in rows)

    def generations(self, rows: Iterable[Generation]) -> None:
        """Count generations no more that have ended."""
        self._take(map(generation_fact, rows))

    def _take(self, facts: Iterable[Fact]) -> None:
        facts = list(facts)
        book(facts, -1)
        for fact in facts:
            self._series.update(each.id for each in series_of(fact.dimensions))

    def tidy(self) -> None:
        """Remove the rows that count nothing any more. Does not commit."""
        hold_sums()
        for some in batches(sorted(self._series)):
            _remove(SUMS, SUMS.c.series.in_(some), _all_zero(SUMS, Measures._fields))
            _remove(LATENCIES, LATENCIES.c.series.in_(some), *_EMPTY)
            used = select(SUMS.c.series).where(SUMS.c.series == _SERIES.c.id).exists()
            _remove(_SERIES, _SERIES.c.id.in_(some), ~used)
        _remove(KEPT, _all_zero(KEPT, Kept._fields))


def _all_zero(table: Table, names: Iterable[str]) -> Any:
    return reduce(and_, (table.c[name] == 0 for name in names))


def _remove(table: Table, *conditions: Any) -> None:
    db.session.execute(delete(table).where(*conditions))
