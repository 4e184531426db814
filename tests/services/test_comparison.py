"""Images beside each other."""

from __future__ import annotations

import pytest
from flask import Flask

from app.errors import InvalidInput, NotFound
from app.services.comparison import compare, ids_of
from tests.models.samples import deleted_image, generation, kept_image


def test_numbers_with_commas_between_name_the_pictures() -> None:
    assert ids_of(" 18, 17 ,18,") == [18, 17]
    assert ids_of("4,3,2,1") == [4, 3, 2, 1]


@pytest.mark.parametrize("text", ["", "17", "17,17", "1,2,3,4,5"])
def test_too_few_and_too_many_are_told_how_many_there_may_be(text: str) -> None:
    with pytest.raises(InvalidInput, match="2 to 4 pictures"):
        ids_of(text)


@pytest.mark.parametrize(
    "text", ["a,b", "1,-2", "1,2.5", "1,²", "1,\u0661", f"1,{'9' * 20}", "1;2"]
)
def test_what_is_no_number_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(InvalidInput, match="by their numbers"):
        ids_of(text)


def test_the_words_that_differ_from_the_first_ones_are_told(context: Flask) -> None:
    first, second = kept_image("a red fox"), kept_image("a blue fox")
    one, other = compare([first.id, second.id]).images
    assert [piece.kind for piece in one.prompt] == ["same"]
    assert [(piece.kind, piece.text) for piece in other.prompt] == [
        ("same", "a "),
        ("missing", "red "),
        ("added", "blue "),
        ("same", "fox"),
    ]


def test_pictures_come_in_the_order_in_which_they_were_named(context: Flask) -> None:
    ids = [kept_image().id for _ in range(3)]
    wanted = [ids[2], ids[0], ids[1]]
    assert [each.image["id"] for each in compare(wanted).images] == wanted


def test_only_settings_that_differ_are_named(context: Flask) -> None:
    first = kept_image(model="sketch-1", seed=7)
    second = kept_image(model="sketch-1", seed=8, project="acme")
    assert compare([first.id, second.id]).differing == {"seed", "project"}


def test_templates_with_their_versions_and_variables_are_held_against_each_other(
    context: Flask,
) -> None:
    asked = [generation(template="oil", template_version=number) for number in (1, 2)]
    asked.append(generation(template="oil", template_version=2, variables={"paper": "rough"}))
    ids = [kept_image(generation_id=each.id, ordinal=0).id for each in asked]
    assert compare(ids[:2]).differing == {"template"}
    assert compare(ids[1:]).differing == {"variables"}
    assert compare(ids[:2]).images[0].image["template"] == ("oil", 1)


def test_a_deleted_picture_can_be_compared(context: Flask) -> None:
    images = compare([deleted_image().id, kept_image().id]).images
    assert [each.image["deleted_at"] is None for each in images] == [False, True]


@pytest.mark.parametrize("missing", [0, 7, 2**63])
def test_what_is_not_there_is_named(context: Flask, missing: int) -> None:
    with pytest.raises(NotFound, match=f"no image {missing}"):
        compare([kept_image().id, missing])
