from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.errors import ConfigurationError
from app.providers.base import ModelNotFound
from app.providers.catalog import Model, cost_microusd, load_catalog, parse_catalog

GOOD = """
[[models]]
name = "gemini-x"
provider = "gemini"
default = true
sizes = ["1K", "2K"]
aspect_ratios = ["1:1"]
microusd_per_image = { 1K = 40_000 }
"""


def model(name: str) -> Model:
    found = load_catalog().get(name)
    assert found is not None
    return found


def test_each_provider_has_a_default_model() -> None:
    catalog = load_catalog()
    assert catalog.default("gemini").name == "gemini-nano-banana-2.1"
    assert catalog.default("sketch").name == "sketch-1"


def test_a_provider_without_models_has_no_default() -> None:
    with pytest.raises(ModelNotFound, match="no model for the provider 'crayon'"):
        load_catalog().default("crayon")


def test_the_catalog_is_read_once() -> None:
    assert load_catalog() is load_catalog()


def test_every_default_can_be_asked_for() -> None:
    for one in load_catalog().models:
        assert one.default_size in one.sizes
        assert one.default_aspect_ratio in one.aspect_ratios


def test_a_name_nobody_knows_has_no_model() -> None:
    assert load_catalog().get("gemini-unheard-of") is None


def test_a_known_name_resolves_to_its_model() -> None:
    catalog = load_catalog()
    assert catalog.resolve("sketch-1", "sketch") is model("sketch-1")
    assert catalog.resolve("gemini-3-pro-image", "gemini") is model("gemini-3-pro-image")


def test_an_unknown_gemini_name_is_a_newer_model_that_may_do_all_and_is_unpriced() -> None:
    newer = load_catalog().resolve("gemini-9-image", "gemini")
    assert newer.name == "gemini-9-image"
    assert newer.sizes == ("512", "1K", "2K", "4K")
    assert len(newer.aspect_ratios) == 14
    assert not newer.default
    assert cost_microusd(newer, "1K", {"image_tokens": 1120, "prompt_tokens": 9}) is None


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("sketch-2", "sketch"),
        ("gemini-3-pro-image", "sketch"),
        ("sketch-1", "gemini"),
        ("../files", "gemini"),
        ("gemini-x:predict?key=1", "gemini"),
        ("", "gemini"),
    ],
)
def test_other_names_are_refused_with_those_there_are(name: str, provider: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        load_catalog().resolve(name, provider)
    assert load_catalog().default(provider).name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "size", "usage", "cost"),
    [
        ("gemini-nano-banana-2.1", "1K", {"image_tokens": 1120}, 33_600),
        ("gemini-nano-banana-2.1", "4K", {"image_tokens": 2520}, 75_600),
        ("gemini-nano-banana-2.1", "1K", {}, 33_600),
        ("gemini-3.1-flash-image", "4K", {"image_tokens": 2520}, 151_200),
        ("gemini-3.1-flash-image", "2K", {"prompt_tokens": 9}, 101_000),
        ("gemini-3-pro-image", "4K", {}, 240_000),
        ("gemini-2.5-flash-image", "1K", {"image_tokens": 1290}, 39_000),
        ("sketch-1", "4K", {}, 0),
    ],
)
def test_a_picture_costs(name: str, size: str, usage: Mapping[str, int], cost: int) -> None:
    assert cost_microusd(model(name), size, usage) == cost


@pytest.mark.parametrize(
    ("name", "size"), [("gemini-nano-banana-2.1", "4K"), ("gemini-3.1-flash-image", "512")]
)
def test_an_unknown_price_is_unpriced_and_not_nothing(name: str, size: str) -> None:
    assert cost_microusd(model(name), size, {"image_tokens": 0}) is None


def test_priced_input_is_added_and_the_sum_rounded_once_half_upwards() -> None:
    priced = replace(
        model("gemini-3-pro-image"),
        microusd_per_million_image_tokens=1_250_000,
        microusd_per_million_input_tokens=250_000,
    )
    assert cost_microusd(priced, "1K", {"image_tokens": 1, "prompt_tokens": 1}) == 2
    assert cost_microusd(priced, "1K", {"image_tokens": 1}) == 1


def test_the_first_size_is_the_default_where_none_is_named() -> None:
    assert parse_catalog(GOOD).default("gemini").default_size == "1K"


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("[[models]]", "[[models", "malformed"),
        ("[[models]]", "[[modles]]", r"\[\[models\]\] alone"),
        ("default = true", "", "one default model"),
        ("default = true", "default = true\nprise = 1", "prise"),
        ("40_000", "0.04", "microusd_per_image"),
        ("40_000", "-1", "microusd_per_image"),
        ("{ 1K", "{ 8K", "has a price for '8K'"),
        ('["1:1"]', '["16:9"]', "default ratio '1:1'"),
        ('["1K", "2K"]', "[]", "sizes"),
        ('["1K", "2K"]', '["1K"]\ndefault_size = "4K"', "default size '4K'"),
        ('"gemini-x"', '"gemini x"', "characters"),
        ('provider = "gemini"', "", "provider"),
    ],
)
def test_a_malformed_catalog_fails_loudly(right: str, wrong: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        parse_catalog(GOOD.replace(right, wrong))


def test_a_model_there_twice_fails_loudly() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        parse_catalog(GOOD + GOOD)
