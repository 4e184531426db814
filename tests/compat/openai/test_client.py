"""The official client over HTTP, with nothing changed but its address and its key."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from PIL import Image as Picture

from tests.compat.openai.conftest import client_of
from tests.fakes.gemini_server import FakeGemini
from tests.site import Site


def test_it_draws_pictures(draws: OpenAI) -> None:
    answer = draws.images.generate(prompt="A red fox", model="gpt-image-1", n=2, user="a customer")
    pictures = [base64.b64decode(each.b64_json or "") for each in answer.data or ()]
    assert [Picture.open(BytesIO(each)).size for each in pictures] == [(256, 256)] * 2
    assert answer.usage is not None
    assert answer.usage.output_tokens == 2 * 1120


def test_it_streams_pictures(draws: OpenAI) -> None:
    events = list(draws.images.generate(prompt="A red fox", n=2, stream=True, partial_images=2))
    assert [event.type for event in events] == ["image_generation.completed"] * 2
    assert Picture.open(BytesIO(base64.b64decode(events[0].b64_json))).size == (256, 256)
    assert events[0].usage.output_tokens == 1120


def test_it_streams_sketches_whose_tokens_nobody_counts(sketches: OpenAI) -> None:
    [event] = sketches.images.generate(prompt="A red fox", stream=True, quality="high")
    assert (event.quality, event.usage.total_tokens) == ("high", 0)


def test_it_waits_for_pictures_without_blocking(sketching: Site) -> None:
    async def draw() -> Any:
        async with AsyncOpenAI(
            base_url=f"{sketching.url}/v1", api_key=sketching.key("creator"), max_retries=0
        ) as client:
            return await client.images.generate(prompt="A red fox")

    answer = asyncio.run(draw())
    assert base64.b64decode(answer.data[0].b64_json)[:2] == b"\xff\xd8"
    assert answer.usage is None


def test_it_lists_models(sketches: OpenAI) -> None:
    listed = list(sketches.models.list())
    assert [model.id for model in listed] == ["sketch-1"]
    assert sketches.models.retrieve("sketch-1") == listed[0]
    assert sketches.models.retrieve("gpt-image-1").id == "gpt-image-1"


FAILURES = {
    "[[400]]": (openai.BadRequestError, "provider_rejected"),
    "[[blocked]]": (openai.BadRequestError, "moderation_blocked"),
    "[[no-image]]": (openai.UnprocessableEntityError, "no_image"),
    "[[404]]": (openai.NotFoundError, "model_not_found"),
    "[[429-daily]]": (openai.RateLimitError, "insufficient_quota"),
    "[[403]]": (openai.InternalServerError, "provider_auth"),
    "[[500]]": (openai.InternalServerError, "provider_failed"),
    "[[html]]": (openai.InternalServerError, "provider_bad_answer"),
}


@pytest.mark.parametrize("marker", FAILURES)
def test_it_raises_what_became_of_it_and_asks_but_once(
    drawing: Site, upstream: FakeGemini, marker: str
) -> None:
    kind, code = FAILURES[marker]
    before = len(upstream.requests)
    with client_of(drawing, max_retries=2) as client, pytest.raises(kind) as raised:
        client.images.generate(prompt=f"A red fox {marker}")
    assert raised.value.code == code
    assert raised.value.request_id
    assert raised.value.body["generation"]
    assert raised.value.request.headers["x-stainless-retry-count"] == "0"
    assert len(upstream.requests) == before + 1


def test_a_failure_ends_a_stream(draws: OpenAI) -> None:
    events = draws.images.generate(prompt="A red fox [[blocked]]", stream=True)
    with pytest.raises(openai.APIError) as raised:
        list(events)
    assert raised.value.code == "moderation_blocked"


@pytest.mark.parametrize(
    ("asked", "kind", "code", "param"),
    [
        ({"prompt": ""}, openai.BadRequestError, "invalid_prompt", "prompt"),
        ({"prompt": "A fox", "n": 0}, openai.BadRequestError, "invalid_value", "n"),
        ({"prompt": "A fox", "size": "huge"}, openai.BadRequestError, "invalid_value", "size"),
        ({"prompt": "A fox", "model": "gpt-5"}, openai.NotFoundError, "model_not_found", "model"),
    ],
)
def test_it_raises_what_is_wrong_with_what_was_asked(
    sketches: OpenAI, asked: Any, kind: type[openai.APIStatusError], code: str, param: str
) -> None:
    with pytest.raises(kind) as raised:
        sketches.images.generate(**asked)
    assert (raised.value.code, raised.value.param) == (code, param)


def test_it_knows_keys_that_may_not(sketching: Site) -> None:
    with client_of(sketching, "viewer") as client, pytest.raises(openai.PermissionDeniedError):
        client.images.generate(prompt="A fox")
    wrong = client_of(sketching, api_key="ps_wrong")
    with wrong as client, pytest.raises(openai.AuthenticationError) as raised:
        client.models.list()
    assert raised.value.code == "invalid_api_key"


def test_it_knows_a_key_of_another_request(sketches: OpenAI) -> None:
    headers = {"Idempotency-Key": "one"}
    sketches.images.generate(prompt="A fox", extra_headers=headers)
    with pytest.raises(openai.ConflictError) as raised:
        sketches.images.generate(prompt="A hare", extra_headers=headers)
    assert raised.value.code == "idempotency_key_reused"


def test_it_gives_up_waiting_and_pays_once(drawing: Site, upstream: FakeGemini) -> None:
    before = len(upstream.requests)
    hasty = client_of(drawing, timeout=0.4, max_retries=2)
    with hasty as client, pytest.raises(openai.APITimeoutError):
        client.images.generate(prompt="An owl at night [[slow 4]]")
    assert len(upstream.requests) == before + 1


def test_after_giving_up_it_gets_the_picture_that_was_drawn_for_it(
    drawing: Site, upstream: FakeGemini
) -> None:
    before = len(upstream.requests)
    with client_of(drawing, timeout=0.9, max_retries=5) as client:
        answer = client.images.generate(prompt="A heron at noon [[slow 1.5]]")
    assert len(answer.data or ()) == 1
    assert len(upstream.requests) == before + 1
