"""Looking at everything in order, and mending what can be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models.batches import batches
from app.services.check.fault import DAMAGED, Checker, Fault, Finding, Kind, Options, Progress
from app.services.database_trouble import is_damage

# So many ids are kept in memory for mending; what is beyond them is found by another look.
AT_A_TIME = 10_000
# Told of each checker before it looks; returns what it tells how far it is.
Watch = Callable[[Checker], Progress]


def find_faults(checkers: Sequence[Checker], options: Options, watch: Watch) -> list[Finding]:
    """Return what is wrong, by kind, in the order of the checkers. Writes nothing."""
    findings: dict[Kind, Finding] = {}
    for checker in _chosen(checkers, options):
        _add(findings, _look(checker, options, watch)[0])
    return list(findings.values())


def repair_faults(checkers: Sequence[Checker], options: Options, watch: Watch) -> list[Finding]:
    """Do the same, and mend what can be mended, checker by checker; each mend is committed.

    In order: what a mend leaves to be counted anew is found by a checker after it. From where a file
    turns out to be damaged nothing is mended any more.
    """
    findings: dict[Kind, Finding] = {}
    for checker in _chosen(checkers, options):
        if DAMAGED in findings:
            _add(findings, _look(checker, options, watch)[0])
        else:
            _add(findings, _mend(checker, options, watch))
    return list(findings.values())


def _add(findings: dict[Kind, Finding], more: list[Finding]) -> None:
    """Add what one checker found; several may find the same file damaged."""
    for each in more:
        if each.kind in findings:
            findings[each.kind].add(each)
        else:
            findings[each.kind] = each


def _chosen(checkers: Sequence[Checker], options: Options) -> list[Checker]:
    return [each for each in checkers if not (options.quick and each.slow)]


def _look(
    checker: Checker, options: Options, watch: Watch
) -> tuple[list[Finding], dict[Kind, list[Any]]]:
    found: dict[Kind, Finding] = {}
    to_mend: dict[Kind, list[Any]] = defaultdict(list)
    try:
        for fault in _faults(checker, options, watch):
            found.setdefault(fault.kind, Finding(fault.kind)).note(fault)
            if fault.kind in checker.mends and len(to_mend[fault.kind]) < AT_A_TIME:
                to_mend[fault.kind].append(fault.id)
    finally:
        db.session.rollback()
    return list(found.values()), to_mend


def _faults(checker: Checker, options: Options, watch: Watch) -> Iterator[Fault]:
    """Yield what a checker finds, and that it could not read on, where the file is damaged."""
    try:
        yield from checker.find(options, watch(checker))
    except DBAPIError as error:
        if not is_damage(error):
            raise
        yield Fault(DAMAGED, f"{checker.what}: {error.orig}")


def _mend(checker: Checker, options: Options, watch: Watch) -> list[Finding]:
    """Look and mend; where some are left that were to be mended, look again."""
    findings, to_mend = _look(checker, options, watch)
    by_kind = {each.kind: each for each in findings}
    while to_mend and DAMAGED not in by_kind:
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
