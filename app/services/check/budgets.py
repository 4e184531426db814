"""The books of the budgets, against what generations cost and may cost.

What was imported, or made for the demo, is not in the books, and cannot always be told from what was
drawn here without a worker. What a worker drew must be in them; more than all together must not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, case, cast, func, or_, select, text

from app.extensions import db
from app.models import BudgetSpending, Generation, Status
from app.models.budget import Account, accounts_of, book
from app.models.image_lock import begin_changes
from app.models.snapshot import snapshot
from app.models.word_index.tables import on_sqlite
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of

WRONG = Kind(
    "budget-books",
    "budgets that have booked less than workers drew, or more than was asked for",
    "set to what the generations say",
)


class Bounds(NamedTuple):
    """What may be in the books of an account, in micro-dollars."""

    least_spent: int = 0
    most_spent: int = 0
    least_reserved: int = 0
    most_reserved: int = 0

    def nearest(self, spent: int, reserved: int) -> tuple[int, int]:
        """Return what is booked, moved as little as it must be."""
        return (
            min(max(spent, self.least_spent), self.most_spent),
            min(max(reserved, self.least_reserved), self.most_reserved),
        )


_UNENDED = Generation.status.in_((Status.QUEUED, Status.RUNNING))
_BY_WORKER = Generation.job.is_not(None)
_COST = func.coalesce(Generation.cost_microusd, 0)
_ESTIMATE = func.coalesce(Generation.estimated_microusd, 0)
_IS_RESERVED = or_(_UNENDED, Generation.cost_microusd.is_(None))


def _sum(value: Any, condition: Any) -> Any:
    return func.sum(case((condition, value), else_=0))


_SUMS = (
    _sum(_COST, and_(~_UNENDED, _BY_WORKER)),
    _sum(_COST, ~_UNENDED),
    _sum(_ESTIMATE, and_(_IS_RESERVED, or_(_UNENDED, _BY_WORKER))),
    _sum(_ESTIMATE, _IS_RESERVED),
)


def _day() -> Any:
    """Return the day in UTC on which a generation was asked for."""
    if on_sqlite():
        return func.date(Generation.created_at, type_=Date)
    return cast(func.timezone("UTC", Generation.created_at), Date)


def _bounds() -> dict[Account, Bounds]:
    """Add up the generations by key and day, and these by account."""
    day = _day()
    query = select(Generation.api_key_id, day, *_SUMS).group_by(Generation.api_key_id, day)
    found: dict[Account, Bounds] = defaultdict(Bounds)
    for api_key_id, on, *sums in rows_of(query):
        for account in accounts_of(api_key_id, on):
            # PostgreSQL adds up to a Decimal.
            both = zip(found[account], map(int, sums), strict=True)
            found[account] = Bounds(*(before + more for before, more in both))
    return found


def _booked() -> dict[Account, tuple[int, int]]:
    columns = BudgetSpending.scope, BudgetSpending.period, BudgetSpending.start
    amounts = BudgetSpending.spent_microusd, BudgetSpending.reserved_microusd
    return {Account(*row[:3]): (row[3], row[4]) for row in rows_of(select(*columns, *amounts))}


def _wrong() -> Iterator[tuple[Account, int, int]]:
    """Yield each account whose books are wrong, with what is to be added as spent and reserved."""
    bounds, booked = _bounds(), _booked()
    for account in sorted(bounds.keys() | booked.keys()):
        has = booked.get(account, (0, 0))
        spent, reserved = bounds.get(account, Bounds()).nearest(*has)
        if (spent, reserved) != has:
            yield account, spent - has[0], reserved - has[1]


def _find(_options: Options, _progress: Progress) -> Iterator[Fault]:
    with snapshot():
        for (scope, period, start), _, _ in _wrong():
            yield Fault(WRONG, f"{scope or 'all'} {period} {start}")


def _correct(names: list[str]) -> int:
    """All of them: whoever books waits, so that what they book is either there or comes later."""
    if on_sqlite():
        begin_changes()
    else:
        db.session.execute(text("LOCK TABLE budget_spending IN SHARE ROW EXCLUSIVE MODE"))
    book({account: (spent, reserved) for account, spent, reserved in _wrong()})
    db.session.commit()
    return len(names)


BUDGETS = Checker("budgets", "books of the budgets", _find, {WRONG: _correct})
