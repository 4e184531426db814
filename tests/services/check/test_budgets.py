"""The books of the budgets against the generations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.models import BudgetSpending, Generation, Role, Status
from app.models.budget import Period, accounts_of, booked
from app.services.budgets import reserve
from app.services.endings import end_generations
from app.services.keys import create_key
from tests.models.samples import generation
from tests.services.check.conftest import look, repair

NOW = datetime(2026, 11, 1, 23, 59, tzinfo=UTC)


def asked(estimate: int, key: int | None, **columns: Any) -> Generation:
    reserve([estimate], key, NOW)
    columns = {"job": "one", "created_at": NOW, **columns}
    return generation(estimated_microusd=estimate, api_key_id=key, **columns)


def drawn(estimate: int, cost: int | None, key: int) -> None:
    row = asked(estimate, key)
    end_generations(Generation.id == row.id, status=Status.SUCCEEDED, done=1, cost_microusd=cost)
    db.session.commit()


def test_less_than_workers_drew_and_more_than_was_asked_for_are_mended(context: Flask) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id
    drawn(700, 500, key)
    drawn(300, None, key)
    asked(40, key)
    # Imported: it is in no book, and need not be.
    generation(status=Status.SUCCEEDED, done=1, cost_microusd=9, created_at=NOW, finished_at=NOW)
    accounts = accounts_of(key, NOW.date())
    right = dict.fromkeys(accounts, (500, 340))
    assert booked(accounts) == right
    assert look().keys() <= {"report-sums", "success-without-picture"}
    wrong = update(BudgetSpending).values(spent_microusd=499, reserved_microusd=341)
    db.session.execute(wrong.where(BudgetSpending.period == Period.DAY))
    db.session.commit()
    assert look()["budget-books"].first == ["all day 2026-11-01", f"{key} day 2026-11-01"]
    assert repair()["budget-books"].mended == 2
    assert booked(accounts) == right
