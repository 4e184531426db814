"""Budgets: reserved with the generation, settled at its end, and never overrun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from app.errors import Budget, OverBudget, Unpriced
from app.extensions import db
from app.models import ApiKey, Generation, Role
from app.models.budget import ALL, Account, Period, booked
from app.models.types import utc_now
from app.providers import base
from app.services import budgets
from app.services.batches import cancel_batch, submit_batch
from app.services.generation_changes import cancel_generation, retry_generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.recovery import expire_waiting, requeue_abandoned
from app.services.turn import Turn
from tests.fakes.providers import drawn, install
from tests.pictures import picture

PRICE = 33_600
UNKNOWN = "gemini-unheard-of"
ASKED = GenerationRequest("A fox")


@pytest.fixture
def gemini(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An app that would draw with Gemini and may spend three pictures a day, its context pushed."""
    app = make_app(gemini_api_key="x", daily_budget="0.1008")
    with app.app_context():
        yield app


def service() -> ImageGeneratorService:
    return ImageGeneratorService()


def today() -> tuple[int, int]:
    """Return what was spent today in all, and what is reserved."""
    db.session.rollback()
    account = Account(ALL, Period.DAY, utc_now().date())
    return booked([account])[account]


def standing(key_id: int | None = None) -> list[tuple[Any, ...]]:
    return [
        (each.key, each.period, each.limit, each.spent, each.reserved)
        for each in budgets.budgets_of(key_id)
    ]


@contextmanager
def about_budgets() -> Iterator[list[str]]:
    """Note the statements that look for limits, or at the books."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "budget_spending" in statement or statement.startswith("SELECT api_keys.id, api_keys.d"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def turn_of(row: Generation) -> Turn:
    """Return a worker's turn by the present job of a generation."""
    db.session.refresh(row)
    return Turn(row.job, "a worker")


def set_budgets(key: ApiKey, **limits: int) -> None:
    db.session.execute(update(ApiKey).where(ApiKey.id == key.id).values(**limits))
    db.session.commit()


def generations() -> int:
    return db.session.scalar(select(func.count()).select_from(Generation)) or 0


# Reserved


@pytest.mark.parametrize("ask", ["submit", "enqueue"])
def test_what_it_may_cost_is_reserved_with_it(gemini: Flask, ask: str) -> None:
    row = getattr(service(), ask)(GenerationRequest("A fox", n=2))
    assert (row.estimated_microusd, row.cost_microusd) == (2 * PRICE, None)
    assert today() == (0, 2 * PRICE)


@pytest.mark.parametrize("ask", ["submit", "enqueue"])
def test_more_than_is_left_is_refused_and_nothing_is_recorded(gemini: Flask, ask: str) -> None:
    service().submit(GenerationRequest("A fox", n=2))
    with pytest.raises(OverBudget) as caught:
        getattr(service(), ask)(GenerationRequest("A fox", n=2))
    assert (caught.value.budget.limit, caught.value.budget.left) == (100_800, PRICE)
    assert 0 < (caught.value.retry_after or 0) <= 24 * 3600
    for words in ("0.0672 USD", "0.0336 USD left of 0.1008 USD", "PROOFSHEET_DAILY_BUDGET"):
        assert words in str(caught.value)
    assert (generations(), today()) == (1, (0, 2 * PRICE))
    getattr(service(), ask)(ASKED)
    assert today() == (0, 3 * PRICE)


def test_requests_at_the_same_time_do_not_overrun_it(gemini: Flask) -> None:
    def ask(_number: int) -> bool:
        with gemini.app_context():
            try:
                service().enqueue(ASKED)
            except OverBudget:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(16))) == 3
    assert (generations(), today()) == (3, (0, 3 * PRICE))


def test_a_key_has_budgets_of_its_own(gemini: Flask) -> None:
    poor, rich = create_key("poor", Role.CREATOR)[0], create_key("rich", Role.CREATOR)[0]
    set_budgets(poor, daily_budget_microusd=PRICE, monthly_budget_microusd=9 * PRICE)
    service().submit(ASKED, poor.id)
    with pytest.raises(OverBudget, match=r"daily budget of the key 'poor'.*keys set poor --daily"):
        service().submit(ASKED, poor.id)
    service().submit(ASKED, rich.id)
    assert standing(poor.id) == [
        (None, "day", 3 * PRICE, 0, 2 * PRICE),
        (None, "month", None, 0, 2 * PRICE),
        ("poor", "day", PRICE, 0, PRICE),
        ("poor", "month", 9 * PRICE, 0, PRICE),
    ]
    assert standing(rich.id)[2:] == [
        ("rich", "day", None, 0, PRICE),
        ("rich", "month", None, 0, PRICE),
    ]


def test_a_month_has_one_too_and_each_is_told_apart(make_app: Callable[..., Flask]) -> None:
    app = make_app(gemini_api_key="x", daily_budget="none", monthly_budget="0.04")
    with app.app_context():
        service().submit(ASKED)
        with pytest.raises(OverBudget, match=r"monthly budget has 0.0064 USD left"):
            service().submit(ASKED)
        with pytest.raises(OverBudget) as caught:
            service().submit(GenerationRequest("A fox", n=2))
        assert caught.value.retry_after is None, "waiting is no use"


def test_where_no_budget_holds_spending_counts_all_the_same(make_app: Callable[..., Flask]) -> None:
    app = make_app(gemini_api_key="x", daily_budget="none")
    with app.app_context():
        row = service().submit(GenerationRequest("A fox", model=UNKNOWN))
        assert row.estimated_microusd is None
        service().submit(ASKED)
        assert today() == (0, PRICE)


def test_a_model_without_a_price_is_refused_while_a_budget_holds(gemini: Flask) -> None:
    # A mistyped name is more likely than a new model.
    words = rf"no model '{UNKNOWN}'; it has gemini-.*catalog\.toml.*PROOFSHEET_DAILY_BUDGET=none"
    with pytest.raises(Unpriced, match=words):
        service().submit(GenerationRequest("A fox", model=UNKNOWN))
    assert (generations(), today()) == (0, (0, 0))


@pytest.mark.parametrize("budget", ["0", "none"])
def test_sketches_are_free_and_never_refused(make_app: Callable[..., Flask], budget: str) -> None:
    with make_app(daily_budget=budget).app_context(), about_budgets() as seen:
        assert service().generate(ASKED).estimated_microusd == 0
        assert seen == []


@pytest.mark.parametrize("with_key", [True, False])
def test_a_budget_costs_a_request_two_statements_at_the_most(gemini: Flask, with_key: bool) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id if with_key else None
    with about_budgets() as seen:
        service().submit(ASKED, key)
    assert len(seen) == 1 + with_key


def test_a_batch_is_reserved_whole_or_not_at_all(gemini: Flask) -> None:
    with pytest.raises(OverBudget, match=r"0.1344 USD, and the daily budget has 0.1008 USD left"):
        submit_batch([ASKED, GenerationRequest("A hare", n=3)])
    with pytest.raises(Unpriced):
        submit_batch([ASKED, GenerationRequest("A hare", model=UNKNOWN)])
    assert (generations(), today()) == (0, (0, 0))
    batch = submit_batch([ASKED, GenerationRequest("A hare", n=2)])
    assert (batch.estimated_microusd, today()) == (3 * PRICE, (0, 3 * PRICE))
    cancel_batch(batch.id)
    assert today() == (0, 0)


def test_another_day_is_another_budget(gemini: Flask) -> None:
    midnight = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    for moment in (midnight, midnight + timedelta(seconds=1)):
        budgets.reserve([3 * PRICE], None, moment)
        with pytest.raises(OverBudget):
            budgets.reserve([PRICE], None, moment)
        budgets.reserve([3 * PRICE], None, moment)
        db.session.commit()


def test_trying_again_is_reserved_too(gemini: Flask) -> None:
    row = service().submit(GenerationRequest("A fox", n=3))
    cancel_generation(row.id)
    again = retry_generation(row.id)
    assert (again.estimated_microusd, today()) == (3 * PRICE, (0, 3 * PRICE))
    cancel_generation(again.id)
    service().submit(ASKED)
    with pytest.raises(OverBudget):
        retry_generation(row.id)


# Settled


@pytest.mark.parametrize(
    ("script", "spent", "reserved"),
    [
        ([drawn(None, cost_microusd=30_000)], 30_000, 0),
        ([drawn(None, cost_microusd=70_000)], 70_000, 0),
        ([drawn(None, cost_microusd=None)], 0, PRICE),
        ([base.ContentBlocked("No.")], 0, 0),
        ([base.ProviderTimeout("Late.", may_be_billed=True)], 0, PRICE),
        ([base.RateLimited("Later.")], 0, 0),
    ],
)
def test_the_cost_takes_the_place_of_what_was_reserved(
    gemini: Flask, script: list[Any], spent: int, reserved: int
) -> None:
    install(gemini, *script)
    key = create_key("Ada", Role.CREATOR)[0].id
    row = service().generate(ASKED, key)
    assert row.cost_microusd == (None if reserved else spent)
    assert today() == (spent, reserved)
    assert [each[3:] for each in standing(key)] == [(spent, reserved)] * 4


def test_what_costs_more_than_estimated_leaves_less(gemini: Flask) -> None:
    install(gemini, drawn(None, cost_microusd=500_000))
    service().generate(ASKED)
    [day, _] = budgets.budgets_of(None)
    assert (day.spent, day.left) == (500_000, 0)
    with pytest.raises(OverBudget):
        service().submit(ASKED)


def test_it_is_settled_in_the_periods_in_which_it_was_asked_for(gemini: Flask) -> None:
    row = service().submit(ASKED)
    before = Account(ALL, Period.DAY, utc_now().date() - timedelta(days=40))
    db.session.execute(update(Generation).values(created_at=row.created_at - timedelta(days=40)))
    db.session.commit()
    cancel_generation(row.id)
    assert booked([before])[before] == (0, -PRICE)
    assert today() == (0, PRICE)


@pytest.mark.parametrize("begun", [False, True])
def test_one_that_is_cancelled_keeps_its_reservation_only_if_it_was_begun(
    gemini: Flask, begun: bool
) -> None:
    row = service().submit(ASKED)
    if begun:
        install(gemini, lambda: cancel_generation(row.id) and picture())
        service().run(row.id)
    else:
        cancel_generation(row.id)
    found = service().get(row.id)
    assert (found.status, found.cost_microusd) == ("cancelled", None if begun else 0)
    assert today() == (0, PRICE if begun else 0)


def test_what_expires_is_released_but_for_its_pictures(make_app: Callable[..., Flask]) -> None:
    app = make_app(gemini_api_key="x", max_queue_hours=1, pictures_per_minute=9)
    with app.app_context():
        install(app, drawn(None, cost_microusd=7))
        untouched, begun = service().enqueue(ASKED), service().enqueue(GenerationRequest("A", n=3))
        service().work(begun.id, turn_of(begun))
        late = utc_now() - timedelta(hours=2)
        db.session.execute(update(Generation).values(created_at=late))
        db.session.commit()
        assert expire_waiting() == 2
        costs = {each.id: each.cost_microusd for each in db.session.scalars(select(Generation))}
        assert costs == {untouched.id: 0, begun.id: 7}


def test_a_picture_that_is_drawn_again_may_be_billed_again(gemini: Flask) -> None:
    row = service().enqueue(GenerationRequest("A fox", n=2))
    for times, runner in (1, None), (2, "dead"):  # handed back, and left behind
        past = utc_now() - timedelta(seconds=1)
        db.session.execute(
            update(Generation).values(status="running", runner=runner, lease_until=past)
        )
        db.session.commit()
        assert requeue_abandoned() == 1
        assert today() == (0, (2 + times) * PRICE)
    install(gemini, drawn(None, cost_microusd=PRICE))
    done = service().run(row.id, turn_of(row))
    assert (done.status, done.cost_microusd) == ("succeeded", None)
    assert done.estimated_microusd == 4 * PRICE
    assert today() == (0, 4 * PRICE)


@pytest.mark.parametrize(
    ("estimate", "left", "expected"),
    [
        (5, 5, True),
        (6, 5, False),
        (None, None, True),
        (None, 5, False),
        (0, 0, True),
        (9, None, True),
    ],
)
def test_what_would_fit_is_told_beforehand(
    estimate: int | None, left: int | None, expected: bool
) -> None:
    now = utc_now()
    standing = [Budget(None, "day", now, left, 0, 0), Budget(None, "month", now, None, 9, 9)]
    assert budgets.fits(estimate, standing) is expected
