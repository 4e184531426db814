"""A request's JSON, read strictly, with every field under the one name that Google gives it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compat.gemini import json_body
from app.errors import InvalidInput


def read(value: Any) -> Any:
    return json_body.read(json.dumps(value).encode())


def asking(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"contents": [{"parts": list(parts)}], **more}


def test_both_spellings_become_one_however_deep() -> None:
    snake = {
        "contents": [{"parts": [{"inline_data": {"mime_type": "image/png", "data": "AA=="}}]}],
        "system_instruction": {"parts": [{"text": "Draw."}]},
        "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "generation_config": {
            "response_modalities": ["IMAGE"],
            "image_config": {"aspect_ratio": "1:1", "image_size": "1K"},
            "thinking_config": {"thinking_level": "LOW"},
            "response_schema": {"properties": {"tools": {}, "my_name": {"type": "STRING"}}},
        },
    }
    assert read(snake) == {
        "contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "AA=="}}]}],
        "systemInstruction": {"parts": [{"text": "Draw."}]},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"},
            "thinkingConfig": {"thinkingLevel": "LOW"},
            "responseSchema": {"properties": {"tools": {}, "my_name": {"type": "STRING"}}},
        },
    }


def test_signatures_and_data_are_handed_on_as_they_came() -> None:
    part = {
        "inlineData": {"mimeType": "image/png", "data": "-_8"},
        "thought": False,
        "thoughtSignature": "c2ln_-==",
    }
    assert read(asking(part)) == asking(part)


def test_what_is_said_of_a_part_goes_on_and_names_of_the_callers_own_stay() -> None:
    part = {
        "text": "A fox",
        "media_resolution": {"level": "MEDIA_RESOLUTION_HIGH", "num_tokens": 280},
        "part_metadata": {"file_name": "fox.png"},
    }
    assert read(asking(part, labels={"cost_center": "ads"})) == {
        **asking(
            {
                "text": "A fox",
                "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH", "numTokens": 280},
                "partMetadata": {"file_name": "fox.png"},
            }
        ),
        "labels": {"cost_center": "ads"},
    }


def test_null_is_as_good_as_nothing() -> None:
    assert read({**asking({"text": "A fox", "inlineData": None}), "tools": None}) == asking(
        {"text": "A fox"}
    )


@pytest.mark.parametrize(
    "raw",
    [
        '{"contents": [], "contents": []}',
        '{"generationConfig": {}, "generation_config": {}}',
        '{"contents": [{"parts": [{"inlineData": {}, "inline_data": {}}]}]}',
        '{"contents": [{"parts": [{"text": "a", "text": "b"}]}]}',
        '{"generationConfig": {"imageConfig": {}, "image_config": {}}}',
        '{"generationConfig": {"seed": 1, "seed": 2}}',
    ],
)
def test_a_field_that_is_there_twice_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput, match="twice"):
        json_body.read(raw.encode())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (asking(tools=[{"google_search": {}}]), "leave tools out"),
        (asking(tools=[]), "leave tools out"),
        (asking(tool_config={}), "leave toolConfig out"),
        (asking(cached_content="cachedContents/x"), "send the contents"),
        (asking({"file_data": {"file_uri": "gs://x"}}), "inlineData"),
        (asking({"functionCall": {"name": "x"}}), "functionCall"),
        (asking({"functionResponse": {}}), "functionResponse"),
        (asking(service_tier="flex"), "leave serviceTier out"),
        (asking(safety={"a": "b"}), '"safety"'),
        (asking({"text": "A fox", "media_resolution": {"width": 1}}), '"width" at "contents'),
        (asking({"video_metadata": {}}), '"videoMetadata" at "contents'),
        ({"contents": [{"parts": [], "name": "x"}]}, '"name"'),
        ({"contents": "a fox"}, "must be a list"),
        ({"contents": ["a fox"]}, "must be an object"),
        ({"contents": [{"parts": "a fox"}]}, "must be a list"),
        ({"contents": [], "generationConfig": []}, "must be an object"),
        ({"contents": [], "generationConfig": {"tools": []}}, "leave tools out"),
        ({"generationConfig": {"a": [{"b": {"cached_content": "c"}}]}}, "send the contents"),
        ([], "must be an object"),
        (None, "must be an object"),
    ],
)
def test_what_is_not_passed_on_is_refused_in_words(value: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read(value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"contents": ' + b"[" * 100_000,
        b'{"contents":' + b'{"parts":[' * 50_000,
        b'{"generationConfig": {"seed": ' + b"9" * 5000 + b"}}",
        b'{"generationConfig": {"seed": NaN}}',
        b'{"generationConfig": {"seed": -Infinity}}',
        b'{"generationConfig": {"temperature": 1e999}}',
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        json_body.read(raw)


def test_a_deep_config_is_read_or_refused_and_breaks_nothing() -> None:
    for depth in (100, 400, 900):
        raw = b'{"generationConfig": ' + b'{"a_b": ' * depth + b"1" + b"}" * depth + b"}"
        try:
            json_body.write(json_body.read(raw))
        except InvalidInput:
            continue


def test_half_of_a_letter_is_refused() -> None:
    with pytest.raises(InvalidInput, match="half of a letter"):
        json_body.write(json_body.read(b'{"contents": [{"parts": [{"text": "\\ud800"}]}]}'))


def test_letters_of_all_kinds_are_written_as_themselves() -> None:
    value = asking({"text": "Fuchs 🦊 \u2028 ß"})
    assert json.loads(json_body.write(read(value))) == value
