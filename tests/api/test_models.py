"""GET /api/models: what can draw here, and for how much."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.providers.catalog import load_catalog
from tests.api.conftest import Ask, asker
from tests.models.samples import ON_SQLITE, generation

FIELDS = [
    "name", "provider", "usable", "default", "sizes", "default_size", "aspect_ratios",
    "default_aspect_ratio", "prices_usd", "max_input_images",
]  # fmt: skip


def test_every_model_of_the_catalog_is_told_in_full(ask: Ask) -> None:
    items = ask("GET", "/api/models", role="viewer").json["items"]
    assert [each["name"] for each in items] == [model.name for model in load_catalog().models]
    assert {tuple(each) for each in items} == {tuple(FIELDS)}


@ON_SQLITE
def test_one_model_tells_its_sizes_and_prices(ask: Ask) -> None:
    shown = ask("GET", "/api/models/gemini-3.1-flash-image").json
    assert shown["sizes"] == ["512", "1K", "2K", "4K"]
    assert shown["prices_usd"] == {"512": None, "1K": 0.067, "2K": 0.101, "4K": 0.151}
    assert (shown["default_size"], shown["max_input_images"]) == ("1K", 14)
    assert "16:9" in shown["aspect_ratios"]


@ON_SQLITE
def test_a_sketch_is_known_to_cost_nothing(ask: Ask) -> None:
    assert set(ask("GET", "/api/models/sketch-1").json["prices_usd"].values()) == {0}


def test_where_sketches_are_drawn_sketch_is_usable_and_the_default(ask: Ask) -> None:
    assert in_use(ask) == ({"sketch-1"}, ["sketch-1"])


def test_with_a_key_the_models_of_gemini_are_usable(ask_gemini: Ask) -> None:
    usable, default = in_use(ask_gemini)
    assert usable == {m.name for m in load_catalog().models if m.provider == "gemini"}
    assert default == [load_catalog().default("gemini").name]


@ON_SQLITE
def test_the_default_is_the_one_in_the_settings(make_app: Callable[..., Flask]) -> None:
    ask = asker(make_app(gemini_api_key="x", model="gemini-3-pro-image"))
    assert in_use(ask)[1] == ["gemini-3-pro-image"]


@ON_SQLITE
def test_a_model_of_another_provider_in_the_settings_is_no_default(
    make_app: Callable[..., Flask],
) -> None:
    usable, default = in_use(asker(make_app(gemini_api_key="x", model="sketch-1")))
    assert (len(usable), default) == (5, [])


def test_without_the_key_it_once_had_nothing_is_usable_but_all_is_told(
    app: Flask, ask: Ask
) -> None:
    with app.app_context():
        generation(provider="gemini")
    assert in_use(ask) == (set(), [])
    assert ask("GET", "/api/models/sketch-1").json["usable"] is False


@pytest.mark.parametrize("name", ["gemini-9", "%00", "x" * 300])
def test_an_unknown_model_is_404(ask: Ask, name: str) -> None:
    answer = ask("GET", f"/api/models/{name}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert "GET /api/models" in answer.json["detail"]


def in_use(ask: Ask) -> tuple[set[str], list[str]]:
    """Return the names of the models that are usable, and of those that are the default."""
    items = ask("GET", "/api/models").json["items"]
    usable = {each["name"] for each in items if each["usable"]}
    return usable, [each["name"] for each in items if each["default"]]
