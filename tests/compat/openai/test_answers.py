"""What became of a generation, as OpenAI's clients read it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.compat.openai.answers import Wanted, completed_event, images_answer
from app.compat.openai.usage import usage_of
from app.models import Image
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.templates import create_template
from tests.models.samples import ON_SQLITE

COUNTED = {
    "prompt_tokens": 270,
    "input_image_tokens": 258,
    "candidates_tokens": 1120,
    "thoughts_tokens": 30,
    "total_tokens": 1420,
    "image_tokens": 1120,
}


@ON_SQLITE
def test_words_that_a_template_made_others_of_are_told(context: Flask) -> None:
    create_template("ink", "{user_input}, in ink")
    asked = GenerationRequest("A red fox", template="ink")
    [image] = images_answer(ImageGeneratorService().generate(asked), Wanted())["data"]
    assert image["revised_prompt"] == "A red fox, in ink"


@ON_SQLITE
def test_words_that_were_sent_as_they_came_are_not_told(context: Flask) -> None:
    generation = ImageGeneratorService().generate(GenerationRequest("A red fox"))
    [image] = images_answer(generation, Wanted())["data"]
    assert image.keys() == {"b64_json", "id"}


@ON_SQLITE
@pytest.mark.parametrize(
    ("asked", "told"), [("high", "high"), ("hd", "auto"), ("auto", "auto"), (None, "auto")]
)
def test_an_event_has_the_words_that_clients_know(
    context: Flask, asked: str | None, told: str
) -> None:
    generation = ImageGeneratorService().generate(GenerationRequest("A red fox"))
    wanted = Wanted(quality=asked, output_format="webp", response_format="url")
    event = completed_event("image_edit", generation, generation.images[0], wanted)
    assert event["type"] == "image_edit.completed"
    assert (event["quality"], event["output_format"]) == (told, "webp")
    assert event["b64_json"].startswith("UklGR")


def test_tokens_are_told_by_what_they_stand_for() -> None:
    assert usage_of([Image(usage=COUNTED)]) == {
        "input_tokens": 270,
        "input_tokens_details": {"text_tokens": 12, "image_tokens": 258},
        "output_tokens": 1150,
        "output_tokens_details": {"text_tokens": 30, "image_tokens": 1120},
        "total_tokens": 1420,
    }


@pytest.mark.parametrize("counts", [[], [None], [COUNTED, None], [COUNTED, {}]])
def test_tokens_that_nobody_counted_are_not_told(counts: list[Any]) -> None:
    assert usage_of([Image(usage=each) for each in counts]) is None


def test_tokens_of_several_pictures_are_added() -> None:
    told = usage_of([Image(usage=COUNTED), Image(usage={**COUNTED, "image_tokens": 1000})])
    assert told
    assert told["total_tokens"] == 2 * 1420
    assert told["output_tokens_details"]["image_tokens"] == 2120
