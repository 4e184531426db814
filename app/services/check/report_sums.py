"""The sums that reports are made of, against the rows that they are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.models.image_lock import begin_changes
from app.models.reporting.rebuild import differences, rebuild
from app.models.reporting.series import ReportSeries
from app.models.reporting.sums import LATENCIES, SUMS
from app.models.word_index.tables import on_sqlite
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.snapshot import snapshot

SUMS_WRONG = Kind("report-sums", "sums of reports that differ from the rows", "made anew")


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for each in differences():
            yield Fault(SUMS_WRONG, f"{each.table} {each.key}")


def _make_anew(names: list[Any]) -> int:
    """All of them: whoever adds to the sums waits, so that what they count is either there or not."""
    if on_sqlite():
        begin_changes()
    else:
        tables = f"{SUMS.name}, {LATENCIES.name}, {ReportSeries.__tablename__}"
        db.session.execute(text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
    rebuild(db.session.connection())
    db.session.commit()
    return len(names)


REPORT_SUMS = Checker("report-sums", "sums of reports", _find, {SUMS_WRONG: _make_anew})
