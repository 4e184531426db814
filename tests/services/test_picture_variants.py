"""The names of the forms that a picture is sent in."""

from __future__ import annotations

import pytest

from app.errors import NotFound
from app.services.picture_variants import Variant


@pytest.mark.parametrize(
    "name", ["", "gif", "png-5", "jpeg-101", "jpeg-007", "jpeg-", "original-3"]
)
def test_a_form_that_there_is_not_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        Variant.named(name)


@pytest.mark.parametrize("name", ["original", "png", "jpeg", "jpeg-0", "webp-100"])
def test_a_form_has_the_name_that_it_is_found_by(name: str) -> None:
    assert Variant.named(name).name == name


def test_only_jpeg_and_webp_have_a_quality() -> None:
    assert [Variant.of(output, 5).name for output in (None, "png", "jpeg", "webp")] == [
        "original",
        "png",
        "jpeg-5",
        "webp-5",
    ]
