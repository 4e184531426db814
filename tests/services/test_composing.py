"""What can be chosen when one asks for pictures, and what was asked for before."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.errors import NotFound
from app.models import Role
from app.services.composing import (
    choices,
    cost_of,
    references,
    wishes_of_generation,
    wishes_of_image,
)
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import KeyBudgets, create_key
from app.services.templates import delete_template, save_template
from app.services.uploads import Upload, keep_uploads
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture


def drawn(**fields: Any) -> int:
    """Draw a picture; return its id."""
    made = ImageGeneratorService().generate(GenerationRequest("A fox", **fields))
    assert made.images, made.error_message
    return made.images[0].id


@ON_SQLITE
def test_the_default_model_comes_first_and_all_are_of_whoever_draws(context: Flask) -> None:
    found = choices()
    assert found.models[0].default
    assert {each.provider for each in found.models} == {"sketch"}
    assert found.model("nothing").name == found.models[0].name  # type: ignore[union-attr]


@ON_SQLITE
def test_where_nobody_can_draw_it_says_why(make_app: Any) -> None:
    with make_app(provider="gemini", model="no such model!").app_context():
        found = choices()
    assert found.models == ()
    assert found.model(None) is None
    assert "no such model" in (found.trouble or "")


def test_templates_come_with_their_variables(context: Flask) -> None:
    save_template("oil", "{user_input} in {mood} oil, {a}")
    save_template("plain", "{user_input}")
    assert choices().templates == {"oil": ("a", "mood"), "plain": ()}


def test_an_images_wishes_are_its_own_words_and_settings(context: Flask) -> None:
    save_template("oil", "{user_input} in {mood} oil")
    parent = kept_image()
    asked: dict[str, Any] = {
        "template": "oil",
        "variables": {"mood": "blue"},
        "seed": 7,
        "project": "zoo",
        "n": 2,
        "aspect_ratio": "16:9",
        "input_images": (),
    }
    wishes = wishes_of_image(drawn(**asked))
    assert wishes.prompt == "A fox"
    assert {name: getattr(wishes, name) for name in asked} == asked
    assert wishes_of_image(parent.id).prompt == "A fox"


@pytest.mark.parametrize("change", ["deleted", "other variables"])
def test_without_the_template_the_words_are_those_that_were_sent(
    context: Flask, change: str
) -> None:
    save_template("oil", "{user_input} in {mood} oil")
    image = drawn(template="oil", variables={"mood": "blue"})
    if change == "deleted":
        delete_template("oil")
    else:
        save_template("oil", "{user_input} in oil")
    wishes = wishes_of_image(image)
    assert (wishes.prompt, wishes.template, dict(wishes.variables)) == (
        "A fox in blue oil",
        None,
        {},
    )


def test_the_name_of_a_file_and_erased_words_are_no_prompt(context: Flask) -> None:
    [upload] = keep_uploads([Upload("IMG_1.png", picture())])
    assert wishes_of_image(upload.id).prompt == ""
    row = generation(prompt="(forgotten)", final_prompt="(forgotten)", seed=3)
    wishes = wishes_of_generation(row.id)
    assert (wishes.prompt, wishes.seed) == ("", 3)


@ON_SQLITE
def test_what_is_not_there_is_said(context: Flask) -> None:
    for asked in ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "x\0", ""):
        with pytest.raises(NotFound):
            wishes_of_generation(asked)
    for number in (0, 99, 2**70):
        with pytest.raises(NotFound):
            wishes_of_image(number)


def test_references_are_told_in_the_order_given(context: Flask) -> None:
    first, second = kept_image("A fox"), kept_image("A hare")
    found = references([second.id, 2**70, 999, first.id, second.id])
    assert [(each.id, each.prompt) for each in found] == [
        (second.id, "A hare"),
        (first.id, "A fox"),
    ]


def test_a_cost_is_held_against_the_tightest_budget(context: Flask) -> None:
    key, _ = create_key("Ada", Role.CREATOR, budgets=KeyBudgets(daily=500_000))
    model = choices().models[0]
    cost = cost_of(model, "no such size", 2, 0, key.id)
    assert (cost.estimate, cost.fits) == (0, True)
    assert cost.tightest
    assert (cost.tightest.key, cost.tightest.left) == ("Ada", 500_000)
