"""Looking at everything in order, and mending what can be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from app.extensions import db
from app.models.batches import batches
from app.services.check.fault import Checker, Finding, Kind, Options, Progress

# So many ids are kept in memory for mending; what is beyond them is found by another look.
AT_A_TIME = 10_000
# Told of each checker before it looks; returns what it tells how far it is.
Watch = Callable[[Checker], Progress]


def find_faults(checkers: Sequence[Checker], options: Options, watch: Watch) -> list[Finding]:
    """Return what is wrong, by kind, in the order of the checkers. Writes nothing."""
    findings: list[Finding] = []
    for checker in _chosen(checkers, options):
        findings += _look(checker, options, watch)[0]
    return findings


def repair_faults(checkers: Sequence[Checker], options: Options, watch: Watch) -> list[Finding]:
    """Do the same, and mend what can be mended, checker by checker; each mend is committed.

    In order: what a mend leaves to be counted anew is found by a checker after it.
    """
    findings: list[Finding] = []
    for checker in _chosen(checkers, options):
        findings += _mend(checker, options, watch)
    return findings


def _chosen(checkers: Sequence[Checker], options: Options) -> list[Checker]:
    return [each for each in checkers if not (options.quick and each.slow)]


def _look(
    checker: Checker, options: Options, watch: Watch
) -> tuple[list[Finding], dict[Kind, list[Any]]]:
    found: dict[Kind, Finding] = {}
    to_mend: dict[Kind, list[Any]] = defaultdict(list)
    progress = watch(checker)
    try:
        for fault in checker.find(options, progress):
            found.setdefault(fault.kind, Finding(fault.kind)).note(fault)
            if fault.kind in checker.mends and len(to_mend[fault.kind]) < AT_A_TIME:
                to_mend[fault.kind].append(fault.id)
    finally:
        db.session.rollback()
    return list(found.values()), to_mend


def _mend(checker: Checker, options: Options, watch: Watch) -> list[Finding]:
    """Look and mend; where some are left that were to be mended, look again."""
    findings, to_mend = _look(checker, options, watch)
    by_kind = {each.kind: each for each in findings}
    while to_mend:
        mended = {kind: _mend_all(checker, kind, ids) for kind, ids in to_mend.items()}
        for kind, number in mended.items():
            by_kind[kind].mended += number
            by_kind[kind].left -= number
        if all(by_kind[kind].left <= 0 for kind in mended):
            break
        # More than were kept in memory, not to be mended after all, or gone meanwhile.
        still, to_mend = _look(checker, options, watch)
        left = {each.kind: each.left for each in still}
        for each in findings:
            each.left = left.get(each.kind, 0)
        to_mend = {kind: ids for kind, ids in to_mend.items() if mended.get(kind)}
    return findings


def _mend_all(checker: Checker, kind: Kind, ids: list[Any]) -> int:
    try:
        return sum(checker.mends[kind](batch) for batch in batches(ids))
    finally:
        db.session.rollback()
