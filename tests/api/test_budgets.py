"""/api/budgets, /api/generations/estimate, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.conftest import Ask, asker, draw
from tests.fakes.gemini_server import FakeGemini

Poor = Callable[..., Ask]


@pytest.fixture
def ask_poor(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Poor:
    """Ask an app that draws with the fake Gemini and has a small budget."""

    def make(**budgets: str) -> Ask:
        url = fake_gemini.url
        return asker(make_app(gemini_api_key="x", gemini_base_url=url, retries=0, **budgets))

    return make


def test_a_generation_tells_what_it_may_cost_and_what_it_did(ask_gemini: Ask) -> None:
    answer = draw(ask_gemini, "A fox", n=2, size="2K").json
    assert (answer["estimated_cost_usd"], answer["cost_usd"]) == (0.1008, 0.1008)
    sketch = [
        (
            each["period"],
            each["limit_usd"],
            each["spent_usd"],
            each["reserved_usd"],
            each["left_usd"],
        )
        for each in ask_gemini("GET", "/api/budgets").json["items"]
    ]
    assert sketch == [
        ("day", 25.0, 0.1008, 0, 24.8992),
        ("month", None, 0.1008, 0, None),
    ] * 1 + [("day", None, 0.1008, 0, None), ("month", None, 0.1008, 0, None)]


def test_over_the_budget_is_402_with_what_is_left_and_when_to_come_back(ask_poor: Poor) -> None:
    ask = ask_poor(daily_budget="0.05")
    assert draw(ask, "A fox").status_code == 201
    answer = draw(ask, "A fox")
    assert (answer.status_code, answer.json["code"]) == (402, "over_budget")
    budget = answer.json["budget"]
    assert (budget["key"], budget["period"], budget["limit_usd"]) == (None, "day", 0.05)
    assert (budget["left_usd"], budget["resets_at"][10:]) == (0.0164, "T00:00:00Z")
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
    assert len(ask("GET", "/api/generations").json["items"]) == 1


def test_more_than_the_whole_budget_is_not_to_be_asked_again(ask_poor: Poor) -> None:
    answer = draw(ask_poor(monthly_budget="0.01"), "A fox")
    assert (answer.status_code, answer.json["budget"]["period"]) == (402, "month")
    assert "Retry-After" not in answer.headers


def test_without_a_price_it_is_402_while_a_budget_holds(ask_poor: Poor) -> None:
    answer = draw(ask_poor(), "A fox", model="gemini-unheard-of")
    assert (answer.status_code, answer.json["code"]) == (402, "unpriced")
    assert "catalog.toml" in answer.json["detail"]


def test_without_a_budget_it_is_drawn_at_a_cost_that_nobody_knows(ask_poor: Poor) -> None:
    answer = draw(ask_poor(daily_budget="none"), "A fox", model="gemini-unheard-of")
    assert answer.status_code == 201
    assert (answer.json["estimated_cost_usd"], answer.json["cost_usd"]) == (None, None)


def test_what_is_sent_again_is_not_refused(ask_poor: Poor) -> None:
    ask = ask_poor(daily_budget="0.05")
    first, again = (
        ask("POST", "/api/generations", json={"prompt": "A"}, headers={"Idempotency-Key": "k"})
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json["id"] == again.json["id"]


def test_an_estimate_records_nothing(ask_poor: Poor) -> None:
    ask = ask_poor(daily_budget="0.05")
    for n, within in ((1, True), (2, False)):
        answer = ask("POST", "/api/generations/estimate", json={"prompt": "A fox", "n": n})
        assert answer.status_code == 200
        assert answer.json["estimated_cost_usd"] == pytest.approx(0.0336 * n)
        assert answer.json["within_budget"] is within
        assert answer.json["budgets"][0]["left_usd"] == 0.05
    assert ask("GET", "/api/generations").json["items"] == []


def test_an_estimate_of_what_cannot_be_asked_for_is_refused(ask: Ask) -> None:
    answer = ask("POST", "/api/generations/estimate", json={"prompt": "A fox", "size": "9K"})
    assert answer.status_code == 422
    answer = ask("POST", "/api/generations/estimate", json={"prompt": "A fox"})
    assert (answer.json["estimated_cost_usd"], answer.json["within_budget"]) == (0, True)
