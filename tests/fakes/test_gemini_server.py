"""The fake is as strict as Google where that matters, and can be started by hand."""

from __future__ import annotations

import base64
import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fakes.gemini_answers import draw
from tests.fakes.gemini_scenarios import SCENARIOS
from tests.fakes.gemini_server import FakeGemini

GENERATE = "/v1beta/models/gemini-x:generateContent"
MODELS = "/v1/models"


@pytest.fixture
def fake() -> Iterator[FakeGemini]:
    with FakeGemini() as server:
        yield server


def call(
    fake: FakeGemini, path: str = GENERATE, body: object = None, **headers: str
) -> tuple[int, Any]:
    """Answer with the status and the body, read as JSON where it is that."""
    connection = http.client.HTTPConnection(fake.url.removeprefix("http://"), timeout=5)
    sent = headers or {"x-goog-api-key": "k"}
    method = "GET" if body is None else "POST"
    connection.request(method, path, json.dumps(body) if body is not None else None, sent)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    is_json = response.headers["Content-Type"].startswith("application/json")
    return response.status, json.loads(content) if is_json else content


def asking(prompt: str, **more: object) -> dict[str, object]:
    return {"contents": [{"parts": [{"text": prompt}]}], **more}


def test_it_draws_the_prompt_in_the_ratio_asked_for(fake: FakeGemini) -> None:
    config = {"image_config": {"aspect_ratio": "16:9"}}  # snake_case does as well
    status, answer = call(fake, body=asking("a cat", generation_config=config))
    data = answer["candidates"][0]["content"]["parts"][0]["inlineData"]["data"]
    assert status == 200
    assert base64.b64decode(data) == draw("a cat  ", "16:9")


def test_the_stream_holds_the_same_answer(fake: FakeGemini) -> None:
    _, answer = call(fake, body=asking("a cat"))
    path = GENERATE.replace(":generate", ":streamGenerate") + "?alt=sse"
    status, events = call(fake, path, asking("a cat"))
    assert status == 200
    assert json.loads(events.removeprefix(b"data: ")) == answer


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("text", "object was expected"),
        ([], "object was expected"),
        ({}, "contents is not specified"),
        (asking("x", prompts=["y"]), 'Unknown name "prompts"'),
        (asking("x", generationConfig={"number_of_images": 2}), 'Unknown name "numberOfImages"'),
        (asking("x", generationConfig={"candidateCount": 2}), "Multiple candidates"),
        (asking("x", generationConfig={"seed": 2**31}), "TYPE_INT32"),
        (asking("x", generationConfig={"imageConfig": {"aspectRatio": "7:5"}}), "aspect_ratio"),
        (asking("x", generationConfig={"imageConfig": {"imageSize": "1k"}}), "image_size"),
        ({"contents": [{"parts": [{"inlineData": {"data": "!"}}]}]}, "TYPE_BYTES"),
        (asking("a [[spell]]"), "Unknown marker [[spell]]. There are: slow,"),
    ],
)
def test_what_google_would_refuse_is_refused(
    fake: FakeGemini, body: object, complaint: str
) -> None:
    status, answer = call(fake, body=body)
    assert status == 400
    assert complaint in answer["error"]["message"]


@pytest.mark.parametrize("data", ["-_-_", "+/+/", "-_8", "-_8="])
def test_base64_is_taken_in_either_alphabet(fake: FakeGemini, data: str) -> None:
    parts = [{"text": "mend it"}, {"inline_data": {"mime_type": "image/png", "data": data}}]
    assert call(fake, body={"contents": [{"parts": parts}]})[0] == 200


def test_a_key_is_needed_and_a_bad_one_refused(fake: FakeGemini) -> None:
    assert call(fake, MODELS, authorization="Bearer k")[0] == 200
    assert call(fake, MODELS, accept="*/*")[0] == 401
    assert call(fake, f"{MODELS}?key=k", accept="*/*")[0] == 200
    status, answer = call(fake, MODELS, authorization="Bearer bad")
    assert status == 400
    assert answer["error"]["details"][0]["reason"] == "API_KEY_INVALID"


def test_models_are_listed_and_shown(fake: FakeGemini) -> None:
    models = call(fake, MODELS)[1]["models"]
    assert all(model["name"].startswith("models/gemini-") for model in models)
    assert call(fake, f"/v1beta/{models[0]['name']}") == (200, models[0])
    assert call(fake, "/v1/tunedModels") == (200, {})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{MODELS}/gemini-0", None),
        ("/v1/elsewhere", None),
        ("/v1/models/imagen-4:generateContent", {}),
        ("/v1/models/gemini-x:predict", {}),
    ],
)
def test_what_is_not_there_is_404(fake: FakeGemini, path: str, body: object) -> None:
    assert call(fake, path, body)[0] == 404


def test_it_fails_as_often_as_asked_and_then_draws(fake: FakeGemini) -> None:
    prompt = "a cat [[fail-first 2 503]]"
    assert [call(fake, body=asking(prompt))[0] for _ in range(3)] == [503, 503, 200]


def test_it_starts_by_hand_and_stops_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "tests.fakes.gemini_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert re.search(r"answers at http://127\.0\.0\.1:\d+\.", lines[0])
    assert "PROOFSHEET_GEMINI_BASE_URL=http://127.0.0.1:" in lines[1]
    assert all(f"[[{name}]]" in lines[3] for name in SCENARIOS)
