"""What was spent, and what is reserved, by the day and by the month: in all, and by each key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import BigInteger, Date, Table, and_, false, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.models.types import LARGEST_NUMBER, one_of

# The scope of what all spend together; any other is the id of a key.
ALL = 0


class Period(StrEnum):
    """How long a budget lasts. Days and months are those of UTC."""

    DAY = "day"
    MONTH = "month"

    def start(self, day: date) -> date:
        """Return the first day of the period that a day falls into."""
        return day if self is Period.DAY else day.replace(day=1)

    def end(self, start: date) -> datetime:
        """Return the moment at which the period that starts on that day is over."""
        following = start + timedelta(days=1 if self is Period.DAY else 31)
        return datetime.combine(self.start(following), time(), UTC)


class Account(NamedTuple):
    """One row of the books: whose, for how long, from which day on (in UTC)."""

    scope: int
    period: Period
    start: date


class BudgetSpending(Base):
    """What generations that were asked for within a period cost, in micro-dollars.

    `spent_microusd` is the known cost of those that have ended; `reserved_microusd` the estimates of
    those that go on, and of those that may have been billed for what nobody knows.
    """

    __tablename__ = "budget_spending"

    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    period: Mapped[Period] = mapped_column(one_of(Period), primary_key=True)
    start: Mapped[date] = mapped_column(Date, primary_key=True)
    spent_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved_microusd: Mapped[int] = mapped_column(BigInteger, default=0)


_TABLE = cast(Table, BudgetSpending.__table__)
_ACCOUNT = _TABLE.c.scope, _TABLE.c.period, _TABLE.c.start


def accounts_of(api_key_id: int | None, day: date) -> list[Account]:
    """Return where a generation of that key (None: the command line) and day is booked."""
    scopes = [ALL] if api_key_id is None else [ALL, api_key_id]
    return [Account(scope, period, period.start(day)) for scope in scopes for period in Period]


def reserve(amounts: Mapping[Account, int], limits: Mapping[Account, int]) -> set[Account]:
    """Reserve micro-dollars where the limits allow; return the accounts where they did not.

    An account without a limit takes any amount. The caller rolls back when one has refused. Rows stay
    locked until the commit, and are taken in order, so that nobody waits in a circle.
    """
    if refused := {each for each in amounts if amounts[each] > limits.get(each, LARGEST_NUMBER)}:
        return refused  # whatever was spent before: so a row that is new need not be checked
    rows = [
        {**each._asdict(), "spent_microusd": 0, "reserved_microusd": amounts[each]}
        for each in sorted(amounts)
    ]
    taken = db.session.execute(
        _reserving(db.engine.dialect.name, tuple(sorted(limits.items()))), rows
    )
    return set(amounts) - {Account(*row) for row in taken}


def book(deltas: Mapping[Account, tuple[int, int]]) -> None:
    """Add `{account: (spent, reserved)}` to the books, whatever the limits, to be committed soon."""
    rows = [
        {**account._asdict(), "spent_microusd": spent, "reserved_microusd": reserved}
        for account, (spent, reserved) in sorted(deltas.items())
        if spent or reserved
    ]
    if rows:
        db.session.execute(_booking(db.engine.dialect.name), rows)


def booked(accounts: Collection[Account]) -> dict[Account, tuple[int, int]]:
    """Return what was spent and what is reserved of each, in micro-dollars."""
    query = select(*_ACCOUNT, _TABLE.c.spent_microusd, _TABLE.c.reserved_microusd)
    rows = db.session.execute(query.where(tuple_(*_ACCOUNT).in_(accounts)))
    found = {Account(*row[:3]): (row[3], row[4]) for row in rows}
    return {each: found.get(each, (0, 0)) for each in accounts}


@lru_cache(maxsize=512)  # most of its time went into putting it together
def _reserving(dialect: str, limits: tuple[tuple[Account, int], ...]) -> Any:
    """Return the statement that reserves rows up to these limits, and returns those that it could."""
    insert = _insert(dialect)
    reserved = insert.excluded.reserved_microusd
    total = _TABLE.c.spent_microusd + _TABLE.c.reserved_microusd + reserved
    over = (
        and_(
            *(column == value for column, value in zip(_ACCOUNT, each, strict=True)), total > limit
        )
        for each, limit in limits
    )
    return insert.on_conflict_do_update(
        index_elements=_ACCOUNT,
        set_={"reserved_microusd": _TABLE.c.reserved_microusd + reserved},
        where=~or_(false(), *over),
    ).returning(*_ACCOUNT)


@cache
def _booking(dialect: str) -> Any:
    insert = _insert(dialect)
    names = "spent_microusd", "reserved_microusd"
    added = {name: _TABLE.c[name] + insert.excluded[name] for name in names}
    return insert.on_conflict_do_update(index_elements=_ACCOUNT, set_=added)


def _insert(dialect: str) -> Any:
    return (postgresql if dialect == "postgresql" else sqlite).insert(_TABLE)
