"""What it cost: by the period and key, and this month to date, to its end, and against the budget."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models.budget import Period as BudgetPeriod
from app.models.types import MICRO, utc_now
from app.services.budgets import budgets_of
from app.services.records import budget_record, dollars, timestamp
from app.services.reports.names import dimensions_of
from app.services.reports.periods import QUARTER, Period
from app.services.reports.question import Question
from app.services.reports.report import Report, Row, added, each_usd
from app.services.reports.tagged import TAGGED
from app.services.reports.usage import rows_of, sums_of

MONTH = "The month is one of UTC, as budgets are; the projection goes on as the month went so far."
SOON = "Less than a day of the month is over: the projection says little."


def cost(question: Question, split: str | None = None) -> Report:
    """Return a row for each period, or for each and each key …; `more` has the month so far.

    Raises InvalidInput for an unknown split.
    """
    dimensions = dimensions_of(split)
    periods = question.periods()
    sums = sums_of(question, dimensions, periods)
    rows = [_columns(row) for row in rows_of(dimensions, periods, sums)]
    everything = added(sums.values())
    totals = {
        "generations": everything.succeeded + everything.failed + everything.cancelled,
        "images": everything.images,
        "cost_usd": dollars(everything.cost_microusd),
        "unpriced": everything.unpriced,
        "cost_per_image_usd": each_usd(everything.image_cost_microusd, everything.priced_images),
    }
    now = utc_now()
    notes = [*([TAGGED] if question.tag else []), MONTH, *([SOON] if now.day == 1 else [])]
    notes += question.cuts()
    return Report("cost", question, rows, totals, notes, {"month": _month(question, now)})


def _columns(row: Row) -> Row:
    left_out = {"succeeded", "failures", "cancelled", "favourites", "bytes"}
    return {name: value for name, value in row.items() if name not in left_out}


def this_month(now: datetime) -> tuple[Period, datetime]:
    """Return the month of a moment until then, the present quarter hour included, and its end."""
    day = BudgetPeriod.MONTH.start(now.date())
    start = datetime(day.year, day.month, 1, tzinfo=now.tzinfo)
    end = BudgetPeriod.MONTH.end(day)
    return Period("month", start, min(now + QUARTER, end)), end


def _month(question: Question, now: datetime) -> Row:
    """Return the cost of the month so far, and to its end if it goes on so; as far as it is known."""
    so_far, end = this_month(now)
    start = so_far.start
    sums = added(sums_of(question, (), [so_far]).values())
    passed, whole = now - start, end - start
    known = max(passed, timedelta(minutes=1)) / whole
    return {
        "start": timestamp(start),
        "end": timestamp(end),
        "to_date_usd": dollars(sums.cost_microusd),
        "unpriced": sums.unpriced,
        "projected_usd": round(sums.cost_microusd / known) / MICRO,
        "budgets": [budget_record(each) for each in budgets_of(_only_key(question))],
    }


def _only_key(question: Question) -> int | None:
    return question.key_ids[-1] if question.key_ids else None
