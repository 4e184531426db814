"""How a call begins: checked, recorded and reserved before the provider is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.errors import InvalidInput, OverBudget, ProviderNotConfigured
from app.extensions import db
from app.models import Generation, Status
from app.models.budget import ALL, Account, Period, booked
from app.models.types import utc_now
from app.providers.base import ImageData, ModelNotFound
from app.services.recorded_calls import begin, keep
from tests.models.samples import generation
from tests.pictures import picture
from tests.services.recorded_calls.answers import (
    MODEL,
    PLAIN,
    PRICE,
    asked,
    body,
    count,
    new_key,
    record,
)


def reserved() -> int:
    account = Account(ALL, Period.DAY, utc_now().date())
    return booked([account])[account][1]


def test_it_runs_before_anybody_is_asked(gemini: Flask, key: int) -> None:
    call = begin(
        asked("A fox", final_prompt="Be brief.\nA fox", aspect_ratio="16:9", size="2K", seed=7), key
    )
    db.session.rollback()
    row = record(call)
    assert (row.status, row.job, row.n, row.done, row.attempts) == ("running", None, 1, 0, 1)
    assert (row.prompt, row.final_prompt) == ("A fox", "Be brief.\nA fox")
    assert (row.provider, row.model, row.api_key_id) == ("gemini", MODEL, key)
    assert (row.aspect_ratio, row.size, row.seed) == ("16:9", "2K", 7)
    assert row.started_at == row.created_at
    assert row.lease_until is not None
    assert row.lease_until > utc_now() + timedelta(
        seconds=gemini.config["SETTINGS"].provider_deadline
    )
    assert reserved() == row.estimated_microusd == 1_680 * 30


@pytest.mark.parametrize(("ratio", "size"), [("7:5", "512"), ("1:16", "16K")])
def test_what_the_model_does_not_list_is_recorded_as_asked(
    gemini: Flask, key: int, ratio: str, size: str
) -> None:
    call = begin(asked(aspect_ratio=ratio, size=size, seed=-3), key)
    row = record(call)
    assert (row.aspect_ratio, row.size, row.seed) == (ratio, size, None)
    assert (call.size, row.estimated_microusd) == (size, 2_520 * 30), "what the largest costs"


@pytest.mark.parametrize(
    ("ratio", "size"), [("16:9:1", "1" * 9), ("wide", "1\nK"), ("1000:1", "K ")]
)
def test_what_cannot_be_a_size_or_a_ratio_is_not_recorded(
    gemini: Flask, key: int, ratio: str, size: str
) -> None:
    call = begin(asked(aspect_ratio=ratio, size=size), key)
    row = record(call)
    assert (row.aspect_ratio, row.size, call.size) == ("1:1", "1K", None)


def test_pictures_alone_have_words_all_the_same(gemini: Flask, key: int) -> None:
    row = record(begin(asked(" ", inputs=(ImageData(picture(), "image/png"),)), key))
    assert row.prompt == row.final_prompt == "(a picture, no words)"
    row = record(begin(asked(" ", final_prompt="A fox"), key))
    assert (row.prompt, row.final_prompt) == ("A fox", "A fox"), "there is no picture"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"prompt": "x" * 20_001}, InvalidInput),
        ({"final_prompt": "x" * 20_001}, InvalidInput),
        ({"prompt": "\0"}, InvalidInput),
        ({"prompt": "\ud800"}, InvalidInput),
        ({"project": "\n"}, InvalidInput),
        ({"model": "gemini-9-flash"}, ModelNotFound),
        ({"model": "sketch-1"}, ModelNotFound),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    gemini: Flask, key: int, more: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        begin(asked(**{"prompt": "A fox", **more}), key)
    db.session.rollback()
    assert count(Generation) == 0


def test_a_budget_that_is_used_up_refuses_it(make_app: Callable[..., Flask]) -> None:
    with make_app(gemini_api_key="x", daily_budget="0.05").app_context():
        key = new_key()
        begin(asked(), key)
        with pytest.raises(OverBudget):
            begin(asked(), key)
        assert (count(Generation), reserved()) == (1, PRICE)


def test_while_sketches_are_drawn_any_model_is_the_sketch(context: Flask) -> None:
    call = begin(asked(size="2K"), new_key())
    assert (call.provider, call.model, call.size) == ("sketch", "sketch-1", "2K")
    assert record(call).estimated_microusd == 0


def test_a_sketch_is_free_and_recorded_as_it_is_drawn(context: Flask) -> None:
    call = begin(asked(aspect_ratio="7:5", size="16K"), new_key())
    row = record(call)
    assert (row.aspect_ratio, row.size, row.estimated_microusd) == ("1:1", "1K", 0)
    assert keep(call, body(), PLAIN, 5)
    [image] = record(call).images
    assert (image.aspect_ratio, image.size, image.cost_microusd) == ("1:1", "1K", 0)


def test_where_gemini_drew_before_a_lost_key_is_told(context: Flask) -> None:
    generation(provider="gemini", model=MODEL, status=Status.SUCCEEDED)
    with pytest.raises(ProviderNotConfigured):
        begin(asked(), new_key())
