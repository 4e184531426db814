"""Sizes and qualities of OpenAI's clients, and what each model draws for them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from app.compat.openai.sizes import QUALITIES, settings_of
from app.errors import InvalidInput
from app.providers.catalog import Model, load_catalog

MODELS = load_catalog().models
SKETCH = load_catalog().default("sketch")
SIDES = (16, 64, 256, 512, 600, 768, 1000, 1024, 1536, 1792, 2048, 3840, 9_999, 16_384)
every_model = pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])


@every_model
def test_whatever_is_asked_the_model_allows(model: Model) -> None:
    sizes = [None, "auto", *(f"{width}x{height}" for width in SIDES for height in SIDES)]
    for size in sizes:
        for quality in (None, *QUALITIES):
            ratio, named = settings_of(size, quality, model)
            assert ratio in (None, *model.aspect_ratios)
            assert named in (None, *model.sizes)


@every_model
def test_no_other_ratio_of_the_model_is_nearer(model: Model) -> None:
    for width in SIDES:
        for height in SIDES:
            ratio, _ = settings_of(f"{width}x{height}", None, model)
            stretch = {
                name: abs(
                    math.log(int(name.split(":")[0]) / int(name.split(":")[1]) * height / width)
                )
                for name in model.aspect_ratios
            }
            assert stretch[ratio or ""] == pytest.approx(min(stretch.values()))


@pytest.mark.parametrize(
    ("size", "ratio", "named"),
    [
        ("256x256", "1:1", "512"),
        ("512x512", "1:1", "512"),
        ("1024x1024", "1:1", "1K"),
        ("1536x1024", "3:2", "1K"),
        ("1024x1536", "2:3", "1K"),
        ("1792x1024", "16:9", "1K"),
        ("1024x1792", "9:16", "1K"),
        ("1920x1080", "16:9", "2K"),
        ("2048x2048", "1:1", "2K"),
        ("2560x1440", "16:9", "2K"),
        ("3840x2160", "16:9", "4K"),
        ("16384x16384", "1:1", "4K"),
        ("2048x256", "8:1", "1K"),
        ("16x16384", "1:8", "512"),
    ],
)
def test_pixels_become_the_nearest_ratio_and_the_size_that_does(
    size: str, ratio: str, named: str
) -> None:
    assert settings_of(size, None, SKETCH) == (ratio, named)


def test_more_pixels_are_never_a_smaller_size() -> None:
    order = list(SKETCH.sizes)
    drawn = [order.index(settings_of(f"{side}x{side}", None, SKETCH)[1] or "") for side in SIDES]
    assert drawn == sorted(drawn)
    assert set(drawn) == set(range(len(order)))


@pytest.mark.parametrize("size", [None, "auto"])
@pytest.mark.parametrize(
    ("quality", "named"),
    [
        (None, None),
        ("auto", None),
        ("low", "512"),
        ("medium", "1K"),
        ("standard", "1K"),
        ("high", "2K"),
        ("hd", "2K"),
        ("xhigh", "4K"),
        ("max", "4K"),
    ],
)
def test_without_pixels_the_quality_decides_the_size(
    size: str | None, quality: str | None, named: str | None
) -> None:
    assert settings_of(size, quality, SKETCH) == (None, named)


@pytest.mark.parametrize("quality", list(QUALITIES))
def test_with_pixels_the_quality_changes_nothing(quality: str) -> None:
    assert settings_of("1024x1024", quality, SKETCH) == ("1:1", "1K")


def test_a_model_with_one_size_draws_in_that() -> None:
    model = replace(SKETCH, sizes=("1K",), microusd_per_image={})
    assert settings_of("3840x2160", "max", model) == ("16:9", "1K")
    assert settings_of(None, "low", model) == (None, "1K")


def test_a_size_without_a_price_is_not_chosen_while_others_have_one() -> None:
    flash = load_catalog().get("gemini-3.1-flash-image")
    assert flash is not None
    assert "512" in flash.sizes
    assert settings_of("256x256", None, flash) == ("1:1", "1K")
    unpriced = replace(flash, microusd_per_image={}, expected_image_tokens={})
    assert settings_of("256x256", None, unpriced) == ("1:1", "512")


def test_a_catalog_of_ones_own_may_name_what_is_no_ratio_and_no_size() -> None:
    model = replace(
        SKETCH,
        aspect_ratios=("square", "3:2"),
        sizes=("poster", "1K"),
        default_aspect_ratio="square",
        microusd_per_image={},
    )
    assert settings_of("1024x1024", None, model) == ("3:2", "1K")
    odd = replace(model, aspect_ratios=("square",), sizes=("poster",), default_size="poster")
    assert settings_of("1024x1024", None, odd) == ("square", "poster")


@pytest.mark.parametrize(
    "size",
    [
        *("", "1024", "1024X1024", "1024x", "x1024", "0x0", "8x8", "15x1024", "16385x1024"),
        *("-16x16", "1024x1024 ", "1024x1024\n", "1e3x1e3", "01024x1024", "99999999999x1"),
        *("\uff11024x1024", "2K", "\ud800"),
    ],
)
def test_a_size_that_is_none_is_told_with_its_field(size: str) -> None:
    with pytest.raises(InvalidInput, match="such as 1536x1024") as caught:
        settings_of(size, None, SKETCH)
    assert caught.value.field == "size"


@pytest.mark.parametrize("quality", ["", "HD", "best", "low "])
def test_a_quality_that_is_none_is_told_with_its_field(quality: str) -> None:
    with pytest.raises(InvalidInput, match="standard") as caught:
        settings_of("1024x1024", quality, SKETCH)
    assert caught.value.field == "quality"
