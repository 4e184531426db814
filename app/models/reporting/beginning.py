"""When the history that reports are about begins."""

from __future__ import annotations

from sqlalchemy import func, select

from app.extensions import db
from app.models.reporting.series import Cube, ReportSeries
from app.models.reporting.sums import KEPT, SUMS, WHOLE_DAY


def first_day() -> int | None:
    """Return the first day, counted from 1970 in UTC, of which there are sums; None without any."""
    everything = select(ReportSeries.id).where(ReportSeries.cube == Cube.ALL)
    made = select(func.min(SUMS.c.day)).where(
        SUMS.c.slot == WHOLE_DAY, SUMS.c.series.in_(everything)
    )
    kept = select(func.min(KEPT.c.day)).where(KEPT.c.slot == WHOLE_DAY)
    found = (db.session.scalar(query) for query in (made, kept))
    return min((day for day in found if day is not None), default=None)
