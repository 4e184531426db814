"""/trash/purge: what is in the trash goes for good, after its number was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.models.image_filter import ANY, ImageFilter
from app.models.image_manager import ImageManager
from tests.models.samples import ON_SQLITE, deleted_image, kept_image
from tests.web.conftest import Browse

TRASH = ImageFilter(deleted="only")


@pytest.fixture
def left(app: Flask) -> Callable[[], int]:
    """Two deleted images and one that is not; return how many there are, deleted or not."""
    with app.app_context():
        for _ in range(2):
            deleted_image()
        kept_image()

    def count() -> int:
        with app.app_context():
            return ImageManager().count(ANY) + ImageManager().count(TRASH)

    return count


def test_the_trash_is_emptied_when_its_number_was_typed(
    left: Callable[[], int], browse: Browse
) -> None:
    asked = browse("GET", "/trash/purge", role="admin").text
    assert "2 pictures are in the trash." in asked
    form = {"expected": "2", "count": " 2"}
    answer = browse("POST", "/trash/purge", role="admin", data=form)
    assert answer.location.startswith("/trash/purge/done?purged=2&freed=")
    assert "2 pictures are gone for good." in browse("GET", answer.location, role="admin").text
    assert left() == 1
    assert "The trash is empty." in browse("GET", "/trash/purge", role="admin").text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"expected": "2"}, 422),
        ({"expected": "2", "count": "1"}, 422),
        ({"expected": "x", "count": "x"}, 422),
        ({"expected": "9" * 5000, "count": "9" * 5000}, 422),
        ({"expected": "3", "count": "3"}, 409),
    ],
)
def test_nothing_goes_by_another_number(
    left: Callable[[], int], browse: Browse, form: dict[str, str], status: int
) -> None:
    answer = browse("POST", "/trash/purge", role="admin", data=form)
    assert answer.status_code == status
    assert "Nothing was removed" in answer.text
    assert left() == 3


def test_a_creator_may_not(left: Callable[[], int], browse: Browse) -> None:
    form = {"expected": "2", "count": "2"}
    assert browse("POST", "/trash/purge", data=form).status_code == 403
    assert left() == 3


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5000, "-1", "x", "\N{SUPERSCRIPT TWO}"])
@ON_SQLITE
def test_an_address_that_tells_no_number_tells_nothing(browse: Browse, number: str) -> None:
    asked = {"purged": number, "freed": number}
    answer = browse("GET", "/trash/purge/done", role="admin", query_string=asked)
    assert answer.status_code == 200
    assert "999" not in answer.text
