"""What is told of one image to somebody who looks at it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.errors import NotFound
from app.models.image_filter import ANY, ImageFilter
from app.models.image_manager import ImageManager
from app.services.picture_view import MOST_RELATIVES, picture_view, place_in_list
from tests.models.samples import deleted_image, generation, kept_image


def test_a_picture_is_told_with_the_users_own_words(context: Flask) -> None:
    asked = generation(prompt="fox", final_prompt="fox, painted", template="oil", batch_id="0" * 26)
    kept = kept_image("fox, painted", generation_id=asked.id, ordinal=0, batch_id="0" * 26)
    seen = picture_view(kept.id, ANY)
    assert (seen.image["prompt"], seen.own_words) == ("fox, painted", "fox")
    assert seen.generation is not None
    assert seen.generation["template"] == "oil"
    assert seen.kept.batch_id == "0" * 26


def test_own_words_that_were_sent_as_they_are_are_not_told_twice(context: Flask) -> None:
    asked = generation(prompt="fox", final_prompt="fox")
    kept = kept_image("fox", generation_id=asked.id, ordinal=0)
    assert picture_view(kept.id, ANY).own_words is None


def test_an_upload_has_no_generation_and_cannot_be_asked_for_again(context: Flask) -> None:
    seen = picture_view(kept_image(source="upload").id, ANY)
    assert (seen.generation, seen.own_words, seen.again) == (None, None, None)


def test_a_picture_that_was_drawn_can_be_asked_for_again(context: Flask) -> None:
    kept = kept_image("fox", provider="sketch", model="sketch-1", seed=7)
    assert picture_view(kept.id, ANY).again == {"prompt": "fox", "model": "sketch-1", "seed": 7}


def test_relatives_are_told_up_to_a_number(context: Flask) -> None:
    root = kept_image().id
    children = [kept_image(parents=(root,)).id for _ in range(MOST_RELATIVES + 1)]
    seen = picture_view(root, ANY)
    assert [each["id"] for each in seen.descendants] == children[:-1]
    assert not seen.complete
    child = picture_view(children[0], ANY)
    assert ([each["id"] for each in child.ancestors], child.complete) == ([root], True)


def test_the_ways_on_stay_within_the_filter(context: Flask) -> None:
    first, _, third = (kept_image(project=name) for name in ("acme", None, "acme"))
    ways = picture_view(first.id, ImageFilter(project="acme")).neighbours
    assert (ways.older, ways.newer and ways.newer.id) == (None, third.id)


def test_a_deleted_picture_is_told_too(context: Flask) -> None:
    assert picture_view(deleted_image().id, ANY).image["deleted_at"] is not None


def test_what_is_not_there_is_not_found(context: Flask) -> None:
    with pytest.raises(NotFound, match="no image 7"):
        picture_view(7, ANY)


def test_the_first_page_of_a_list_needs_no_place(context: Flask) -> None:
    images = [kept_image() for _ in range(3)]
    assert [place_in_list(each, ANY, 3) for each in images] == [None] * 3


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_a_later_page_begins_with_the_picture(context: Flask, sort: Any) -> None:
    images = [kept_image() for _ in range(4)]
    last = images[0] if sort == "newest" else images[-1]
    wanted = ImageFilter(sort=sort)
    place = place_in_list(last, wanted, 3)
    assert [row.id for row in ImageManager().slice(wanted, place, 3).items] == [last.id]
