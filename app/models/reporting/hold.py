"""The lock of whoever makes the sums anew."""

from __future__ import annotations

from sqlalchemy import text

from app.extensions import db
from app.models.image_lock import begin_changes
from app.models.reporting.series import ReportSeries
from app.models.reporting.sums import KEPT, LATENCIES, SUMS
from app.models.word_index.tables import on_sqlite

# In the order in which they are written, so that nobody waits in a circle.
_TABLES = f"{ReportSeries.__tablename__}, {SUMS.name}, {LATENCIES.name}, {KEPT.name}"


def hold_sums() -> None:
    """Let no one else add to the sums until the commit: what others count is in them or comes later."""
    if on_sqlite():
        begin_changes()
    else:
        db.session.execute(text(f"LOCK TABLE {_TABLES} IN SHARE ROW EXCLUSIVE MODE"))
