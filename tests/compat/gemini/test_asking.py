"""What a request in Google's words asks for, as it is recorded, and as it is sent on."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from app.compat.gemini.asking import read_asking
from app.errors import InvalidInput
from app.providers.base import ImageData
from app.providers.catalog import load_catalog
from app.services.recorded_calls import Asked
from tests.fakes.gemini_answers import draw

PNG = draw("a fox")
JPEG = draw("a hen", kind="JPEG")
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def asked(value: Any) -> Asked:
    return read_asking(json.dumps(value).encode(), "gemini-3-pro-image", "acme").asked


def picture(data: bytes, **more: Any) -> dict[str, Any]:
    blob = {"mimeType": "image/png", "data": base64.urlsafe_b64encode(data).decode()}
    return {"inlineData": blob, **more}


def said(text: str, role: str | None = None) -> dict[str, Any]:
    return {"parts": [{"text": text}], **({"role": role} if role else {})}


def test_words_and_settings_are_told() -> None:
    config = {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}, "seed": 7}
    found = asked({"contents": [said("A fox")], "generation_config": config})
    assert found == Asked(
        "gemini-3-pro-image", "A fox", "A fox", "16:9", "2K", 7, inputs=(), project="acme"
    )


def test_the_prompt_is_the_last_turn_and_all_words_are_kept_in_order() -> None:
    turns = [said("A fox", "user"), said("Here it is.", "model"), said("In snow", "user")]
    found = asked({"contents": turns, "systemInstruction": said("Paint in oil")})
    assert found.prompt == "In snow"
    assert found.final_prompt == "Paint in oil\nA fox\nHere it is.\nIn snow"


def test_pictures_of_all_turns_are_inputs_each_once_and_thoughts_are_none() -> None:
    turns = [
        {"role": "user", "parts": [{"text": "A fox"}, picture(PNG)]},
        {"role": "model", "parts": [picture(draw("interim"), thought=True), picture(JPEG)]},
        {"role": "user", "parts": [{"text": "Once more"}, picture(PNG)]},
    ]
    assert asked({"contents": turns}).inputs == (
        ImageData(PNG, "image/png"),
        ImageData(JPEG, "image/jpeg"),
    )


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padding", ["=", ""])
def test_both_alphabets_mean_the_same_picture(encode: Any, padding: str) -> None:
    data = encode(PNG).decode().rstrip("=")
    data += padding * (-len(data) % 4)
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    raw = json.dumps({"contents": [{"parts": [part]}]}).encode()
    asking = read_asking(raw, "gemini-3-pro-image", None)
    assert [each.image_bytes for each in asking.asked.inputs] == [PNG]
    assert data.encode() in asking.body  # and it is sent on as it came


def test_the_model_is_that_of_the_address() -> None:
    raw = json.dumps({"model": "models/other", "contents": [said("A fox")]}).encode()
    asking = read_asking(raw, "gemini-3-pro-image", None)
    assert asking.asked.model == "gemini-3-pro-image"
    assert b"other" not in asking.body


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"contents": []},
        {"contents": [{"parts": [{"text": 5}]}]},
        {"contents": [said("A fox")], "generationConfig": {"imageConfig": []}},
        {"contents": [said(" \n")], "systemInstruction": said("Paint in oil")},
        {"contents": [{"parts": []}, {"role": "user"}]},
        {"contents": [{"parts": [{"text": " "}, picture(b"no picture")]}]},
        {"contents": [{"parts": [picture(PNG, thought=True)]}]},
        {"contents": [{"role": 5, "parts": []}]},
        {"contents": [said("A fox")], "generationConfig": {"candidateCount": 2}},
        {"contents": [said("A fox")], "generationConfig": {"candidate_count": "8"}},
        {"contents": [{"parts": [{"inlineData": {"data": 5}}]}]},
        {"contents": [{"parts": [{"inlineData": {"data": "!?$%"}}]}]},
        {"contents": [{"parts": [{"inlineData": {"data": "ä"}}]}]},
    ],
)
def test_what_nobody_could_draw_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        asked(value)


@pytest.mark.parametrize(
    "config",
    [
        {"imageConfig": None},
        {"imageConfig": {"aspectRatio": 5, "imageSize": None}},
        {"seed": "7"},
        {"seed": True},
    ],
)
def test_odd_settings_are_the_providers_to_refuse(config: dict[str, Any]) -> None:
    found = asked({"contents": [said("A fox")], "generationConfig": config})
    assert (found.aspect_ratio, found.size, found.seed) == (None, None, None)


@pytest.mark.parametrize("data", [PNG, draw("a hen", kind="GIF"), HEIC])
def test_a_picture_needs_no_words(data: bytes) -> None:
    assert asked({"contents": [{"parts": [picture(data)]}]}).final_prompt == ""


def drawn_here(config: dict[str, Any], *parts: dict[str, Any]) -> Asked:
    body = {"contents": [{"parts": [{"text": "A fox"}, *parts]}], "generationConfig": config}
    raw = json.dumps(body).encode()
    return read_asking(raw, "gemini-3-pro-image", None, drawn_here=load_catalog()).asked


REFUSED_BY_GOOGLE = [
    ({"responseModalities": ["TEXT"]}, "IMAGE"),
    ({"responseModalities": "TEXT"}, "IMAGE"),
    ({"imageConfig": {"aspectRatio": "7:5"}}, "one of 1:1, 2:3"),
    ({"imageConfig": {"imageSize": "1k"}}, "one of 1K, 2K, 4K, 512"),
    ({"imageConfig": {"imageSize": [1]}}, "one of 1K"),
]


@pytest.mark.parametrize(("config", "words"), REFUSED_BY_GOOGLE)
def test_a_sketch_is_as_strict_as_google(config: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        drawn_here(config)
    asked({"contents": [said("A fox")], "generationConfig": config})  # which says so itself


@pytest.mark.parametrize("data", [b"", b"no picture", draw("a hen", kind="GIF")])
def test_a_sketch_takes_the_pictures_that_google_takes(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="PNG, JPEG"):
        drawn_here({}, picture(data))


def test_a_sketch_takes_all_that_google_takes() -> None:
    config = {
        "candidateCount": 1,
        "responseModalities": ["TEXT", "Image"],
        "imageConfig": {"aspectRatio": "21:9", "imageSize": "512"},
    }
    found = drawn_here(config, *(picture(data) for data in (PNG, JPEG, HEIC)))
    assert (found.aspect_ratio, found.size, len(found.inputs)) == ("21:9", "512", 2)
