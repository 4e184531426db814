"""Budgets: what may be spent in a day and in a month, in all and by each key.

What a generation may cost is reserved in the transaction that commits it, so that requests at the same
time cannot overrun a budget. When it ends, its cost takes the place of what was reserved, in the
periods in which it was asked for.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import select

from app.errors import Budget, InvalidInput, OverBudget, Unpriced
from app.extensions import current_settings, db
from app.models import ApiKey, budget
from app.models.budget import ALL, Account, Period, accounts_of
from app.models.types import MICRO, utc_now

# Far beyond any budget.
MOST_DIGITS = 20
ADJECTIVES = {Period.DAY: "daily", Period.MONTH: "monthly"}
UNPRICED = (
    "Nobody here knows what this would cost, and while a budget holds, only what has a price is drawn. "
    "Add a price for this model and size to catalog.toml in the instance folder, or lift the budgets "
    "(PROOFSHEET_DAILY_BUDGET=none)."
)


class Asked(Protocol):
    """What a budget needs to know of a generation. Money is in micro-dollars."""

    @property
    def api_key_id(self) -> int | None:
        """The key that asked for it; None: the command line."""

    @property
    def created_at(self) -> datetime:
        """When it was asked for; aware, in UTC."""

    @property
    def estimated_microusd(self) -> int | None:
        """What it may cost, which is what is reserved for it; None: no price is known."""


class Finished(Asked, Protocol):
    """The same of one that has ended."""

    @property
    def cost_microusd(self) -> int | None:
        """What it cost; None: not known."""


def reserve(estimates: Collection[int | None], api_key_id: int | None, at: datetime) -> None:
    """Reserve what generations may cost that a key (None: the command line) asks for at a moment.

    Of all of them, or of none: raises OverBudget, or Unpriced where an estimate is None and a budget
    holds, and rolls the transaction back then. Others who reserve wait until it is committed, so it
    comes last, or nearly so. What is free needs no statement.
    """
    if not any(estimate is None or estimate for estimate in estimates):
        return
    accounts = accounts_of(api_key_id, at.date())
    limits = _limits(accounts)
    if limits and None in estimates:
        db.session.rollback()
        raise Unpriced(UNPRICED)
    wanted = sum(filter(None, estimates))
    refused = budget.reserve(dict.fromkeys(accounts, wanted), limits) if wanted else set()
    if refused:
        db.session.rollback()
        last = max(refused, key=lambda each: (each.period.end(each.start), each))
        raise _over(last, wanted, limits[last])


def reserve_one_more(generation: Asked, picture: int) -> int:
    """Book that a picture of a generation may be billed once more, at so many micro-dollars.

    Return what is reserved for it now. Whatever the limits: it may have been spent already.
    """
    accounts = accounts_of(generation.api_key_id, generation.created_at.date())
    budget.book(dict.fromkeys(accounts, (0, picture)))
    return (generation.estimated_microusd or 0) + picture


def settle(generations: Iterable[Finished]) -> None:
    """Book the costs of generations that have just ended in place of what was reserved for them.

    Where a cost is not known, what was reserved stays: it may have been billed.
    """
    sums: dict[tuple[int | None, date], list[int]] = defaultdict(lambda: [0, 0])
    for each in generations:
        if each.cost_microusd is not None:
            total = sums[each.api_key_id, each.created_at.date()]
            total[0] += each.cost_microusd
            total[1] -= each.estimated_microusd or 0
    deltas: dict[Account, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (api_key_id, day), (spent, reserved) in sums.items():
        for account in accounts_of(api_key_id, day):
            before = deltas[account]
            deltas[account] = before[0] + spent, before[1] + reserved
    budget.book(deltas)


def budgets_of(api_key_id: int | None) -> list[Budget]:
    """Return how the budgets stand that hold a key (None: the command line), and those in all.

    Also those without a limit: what is spent counts all the same.
    """
    accounts = accounts_of(api_key_id, utc_now().date())
    limits = _limits(accounts)
    return [
        _budget(account, limits.get(account), *booked)
        for account, booked in budget.booked(accounts).items()
    ]


def fits(estimate: int | None, budgets: Iterable[Budget]) -> bool:
    """Tell whether so much could be reserved now."""
    lefts = [each.left for each in budgets if each.left is not None]
    if estimate is None:
        return not lefts
    return estimate == 0 or all(estimate <= left for left in lefts)


def microusd(dollars: str) -> int | None:
    """Return an amount that a person has typed; "none" is None. Raises InvalidInput."""
    if dollars == "none":
        return None
    no_amount = f"{dollars[:40]!r} is no amount of US dollars: write 12.50, or none for no limit."
    try:
        amount = Decimal(dollars)
    except ArithmeticError as error:
        raise InvalidInput(no_amount) from error
    # To write 1e999999 down would take a minute.
    if not amount.is_finite() or amount.adjusted() > MOST_DIGITS:
        raise InvalidInput(no_amount)
    return int(amount * MICRO)


def usd(microusd: int) -> str:
    """Return an amount for people to read: "0.0336 USD"."""
    return f"{(Decimal(microusd) / MICRO).normalize():,f} USD"


def _limits(accounts: Collection[Account]) -> dict[Account, int]:
    """Return those of the accounts that have a limit, with it."""
    settings = current_settings()
    limits = {
        (ALL, Period.DAY): _microusd(settings.daily_budget),
        (ALL, Period.MONTH): _microusd(settings.monthly_budget),
    }
    keys = {each.scope for each in accounts} - {ALL}
    if keys:
        columns = ApiKey.id, ApiKey.daily_budget_microusd, ApiKey.monthly_budget_microusd
        for key, daily, monthly in db.session.execute(select(*columns).where(ApiKey.id.in_(keys))):
            limits |= {(key, Period.DAY): daily, (key, Period.MONTH): monthly}
    by_account = {each: limits[each.scope, each.period] for each in accounts}
    return {each: limit for each, limit in by_account.items() if limit is not None}


def _microusd(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * MICRO)


def _over(account: Account, wanted: int, limit: int) -> OverBudget:
    """Say which budget has not enough, when it will, and how it is raised."""
    found = _budget(account, limit, *budget.booked([account])[account])
    name = ADJECTIVES[account.period]
    if found.key is None:
        whose, how = "", f"set PROOFSHEET_{name.upper()}_BUDGET"
    else:
        whose = f" of the key {found.key!r}"
        how = f"use `manage.py keys set {shlex.quote(found.key)} --{name}-budget`"
    never = wanted > limit
    then = "" if never else f" It starts anew at {found.resets_at:%Y-%m-%d %H:%M} UTC."
    return OverBudget(
        f"This may cost {usd(wanted)}, and the {name} budget{whose} has {usd(found.left or 0)} left of "
        f"{usd(limit)}.{then} To raise it, or to lift it with `none`, {how}.",
        budget=found,
        retry_after=None if never else (found.resets_at - utc_now()).total_seconds(),
    )


def _budget(account: Account, limit: int | None, spent: int, reserved: int) -> Budget:
    key = None if account.scope == ALL else db.session.get_one(ApiKey, account.scope).name
    ends = account.period.end(account.start)
    return Budget(key, account.period, ends, limit, spent, reserved)
