"""The sums that reports are made of, against the rows that they are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.extensions import db
from app.models.reporting.hold import hold_sums
from app.models.reporting.rebuild import differences, rebuild
from app.models.snapshot import snapshot
from app.services.check.fault import Checker, Fault, Kind, Options, Progress

SUMS_WRONG = Kind("report-sums", "sums of reports that differ from the rows", "made anew")


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for each in differences():
            yield Fault(SUMS_WRONG, f"{each.table} {each.key}")


def _make_anew(names: list[Any]) -> int:
    hold_sums()
    rebuild(db.session.connection())
    db.session.commit()
    return len(names)


REPORT_SUMS = Checker("report-sums", "sums of reports", _find, {SUMS_WRONG: _make_anew})
