"""The official client over HTTP."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import httpx2
import pytest
from google.genai import Client, errors, types
from PIL import Image as Picture
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Image
from tests.compat.gemini.conftest import MODEL, client_of
from tests.conftest import locked, settle
from tests.fakes.gemini_answers import draw
from tests.fakes.gemini_server import FakeGemini
from tests.processes import wait_until
from tests.site import Site

IMAGES = types.GenerateContentConfig(response_modalities=["IMAGE"])


def picture_of(answer: Any) -> bytes:
    [part] = [part for part in answer.candidates[0].content.parts if part.inline_data]
    data: bytes = part.inline_data.data
    return data


def recorded(site: Site, prompt: str, status: str = "succeeded") -> tuple[Generation, list[bytes]]:
    """Return what the history has of a prompt, once the server has saved it."""
    settle(site.app)
    with site.app.app_context():
        found = db.session.scalars(select(Generation).filter_by(prompt=prompt)).one()
        assert found.status == status
        return found, [each.blob.data for each in images_of(found)]


def images_of(generation: Generation) -> list[Image]:
    query = select(Image).filter_by(generation_id=generation.id).order_by(Image.ordinal)
    return list(db.session.scalars(query))


def test_it_draws_and_the_history_keeps_the_same_bytes(draws: Client, drawing: Site) -> None:
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
        seed=7,
    )
    answer = draws.models.generate_content(model=MODEL, contents="A red fox", config=config)
    assert answer.usage_metadata.candidates_token_count == 1680
    assert answer.candidates[0].content.parts[0].thought_signature
    generation, [kept] = recorded(drawing, "A red fox")
    assert kept == picture_of(answer)
    assert (generation.aspect_ratio, generation.size, generation.seed) == ("16:9", "2K", 7)


def test_it_draws_in_its_other_ways(draws: Client, drawing: Site) -> None:
    packed = draws.models.generate_content(model=MODEL, contents="A fox [[gzip]]", config=IMAGES)
    _, [kept] = recorded(drawing, "A fox [[gzip]]")
    assert kept == picture_of(packed)

    async def draw_and_stream() -> Any:
        async with client_of(drawing).aio as client:
            whole = await client.models.generate_content(
                model=MODEL, contents="An async fox [[chunked]]", config=IMAGES
            )
            stream = await client.models.generate_content_stream(
                model=MODEL, contents="An async stream [[chunked]] [[gzip]]", config=IMAGES
            )
            return whole, [chunk async for chunk in stream]

    whole, [chunk] = asyncio.run(draw_and_stream())
    assert recorded(drawing, "An async fox [[chunked]]")[1] == [picture_of(whole)]
    assert recorded(drawing, "An async stream [[chunked]] [[gzip]]")[1] == [picture_of(chunk)]


def test_a_stream_that_breaks_off_within_an_event_is_no_success(draws: Client) -> None:
    with pytest.raises(errors.UnknownApiResponseError):
        list(draws.models.generate_content_stream(model=MODEL, contents="Broken [[truncated]]"))


def test_an_answer_that_breaks_off_is_an_error(draws: Client) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        draws.models.generate_content(model=MODEL, contents="Broken [[truncated]]", config=IMAGES)


def test_a_picture_comes_in_time_while_the_database_is_locked(
    drawing: Site, upstream: FakeGemini
) -> None:
    prompt = "A fox in time [[slow 0.5]]"
    with client_of(drawing, timeout=8000) as client, ThreadPoolExecutor(1) as pool:
        waited_for = pool.submit(client.models.generate_content, model=MODEL, contents=prompt)
        assert wait_until(lambda: any(prompt in str(each.body) for each in upstream.requests))
        with locked(drawing.app.instance_path):
            answer = waited_for.result()
    assert recorded(drawing, prompt)[1] == [picture_of(answer)]


def test_it_edits_pictures(draws: Client, drawing: Site, upstream: FakeGemini) -> None:
    given = draw("a hen", kind="JPEG")
    part = types.Part.from_bytes(
        data=given, mime_type="image/jpeg", media_resolution="MEDIA_RESOLUTION_HIGH"
    )
    config = {"response_modalities": ["IMAGE"], "labels": {"cost_center": "ads"}}
    draws.models.generate_content(model=MODEL, contents=["Make it blue", part], config=config)
    generation, _ = recorded(drawing, "Make it blue")
    assert len(generation.input_images) == 1
    body = upstream.requests[-1].body
    _, sent = body["contents"][0]["parts"]
    assert sent["inlineData"]["mimeType"] == "image/jpeg"
    assert sent["mediaResolution"]["level"] == "MEDIA_RESOLUTION_HIGH"
    assert body["labels"] == {"cost_center": "ads"}


def test_it_streams(draws: Client, drawing: Site) -> None:
    chunks = list(
        draws.models.generate_content_stream(model=MODEL, contents="A fox streamed", config=IMAGES)
    )
    _, [kept] = recorded(drawing, "A fox streamed")
    assert kept == picture_of(chunks[-1])


def test_it_chats_and_signatures_come_back_unchanged(
    draws: Client, drawing: Site, upstream: FakeGemini
) -> None:
    chat = draws.chats.create(model=MODEL, config=IMAGES)
    first = chat.send_message("A fox to talk about")
    recorded(drawing, "A fox to talk about")
    chat.send_message("Now in snow")
    generation, _ = recorded(drawing, "Now in snow")
    before, _ = recorded(drawing, "A fox to talk about")
    sent = upstream.requests[-1].body["contents"]
    assert [each["role"] for each in sent] == ["user", "model", "user"]
    assert sent[1]["parts"][0]["thoughtSignature"]
    assert generation.final_prompt == "A fox to talk about\nNow in snow"
    with drawing.app.app_context():  # the picture of the first turn, and no copy of it
        [parent] = images_of(before)
        assert generation.input_images == [parent.id]
        assert parent.blob.data == picture_of(first)


def test_it_lists_models(draws: Client, sketches: Client) -> None:
    for client in (draws, sketches):
        models = list(client.models.list(config={"page_size": 2}))
        assert len(models) == 5
        assert models[0].name.startswith("models/gemini-")
        assert "generateContent" in models[0].supported_actions
        assert client.models.get(model=MODEL).name == f"models/{MODEL}"
        assert list(client.models.list(config={"query_base": False})) == []


def test_sketches_are_drawn_without_any_upstream(sketches: Client, sketching: Site) -> None:
    answer = sketches.models.generate_content(model=MODEL, contents="A fox", config=IMAGES)
    assert answer.candidates[0].finish_reason == "STOP"
    _, [kept] = recorded(sketching, "A fox")
    assert kept == picture_of(answer)
    assert Picture.open(BytesIO(kept)).size == (1024, 1024)
    [chunk] = sketches.models.generate_content_stream(model=MODEL, contents="A hen", config=IMAGES)
    assert picture_of(chunk)


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1beta1", "v1alpha"])
def test_any_version_will_do(sketching: Site, version: str) -> None:
    with client_of(sketching, "viewer", api_version=version) as client:
        assert client.models.get(model=MODEL).name == f"models/{MODEL}"


FAILURES = {
    "[[400]]": (400, "INVALID_ARGUMENT", "provider_rejected"),
    "[[400-key]]": (502, "UNAVAILABLE", "provider_auth"),
    "[[401]]": (502, "UNAVAILABLE", "provider_auth"),
    "[[403]]": (502, "UNAVAILABLE", "provider_auth"),
    "[[404]]": (404, "NOT_FOUND", "model_not_found"),
    "[[429 retry=17s]]": (429, "RESOURCE_EXHAUSTED", "rate_limited"),
    "[[429-daily]]": (429, "RESOURCE_EXHAUSTED", "quota_exhausted"),
    "[[500]]": (503, "UNAVAILABLE", "provider_failed"),
    "[[503]]": (503, "UNAVAILABLE", "provider_unavailable"),
    "[[504]]": (504, "DEADLINE_EXCEEDED", "provider_timeout"),
    "[[502-html]]": (502, "UNAVAILABLE", "provider_bad_answer"),
    "[[html]]": (502, "UNAVAILABLE", "provider_bad_answer"),
    "[[204]]": (502, "UNAVAILABLE", "provider_bad_answer"),
    "[[bad-gzip]]": (502, "UNAVAILABLE", "provider_bad_answer"),
}


@pytest.mark.parametrize("marker", FAILURES)
def test_failures_are_raised_and_recorded(
    draws: Client, drawing: Site, upstream: FakeGemini, marker: str
) -> None:
    before = len(upstream.requests)
    status, name, code = FAILURES[marker]
    with pytest.raises(errors.APIError) as caught:
        draws.models.generate_content(model=MODEL, contents=f"A fox {marker}", config=IMAGES)
    error = caught.value
    assert (error.code, error.status) == (status, name)
    reasons = [each.get("reason") for each in error.details["error"]["details"]]
    assert code.upper() in reasons
    generation, _ = recorded(drawing, f"A fox {marker}", "failed")
    assert generation.error_code == code
    assert len(upstream.requests) == before + 1


# How often Gemini is asked by a client that was told to try three times.
TIMES = {"400": 1, "404": 1, "401": 3, "429": 3, "500": 3, "503": 3, "504": 3, "html": 3}


@pytest.mark.parametrize("marker", TIMES)
def test_only_who_turns_retries_on_asks_again_and_each_call_is_recorded(
    drawing: Site, upstream: FakeGemini, marker: str
) -> None:
    retries = types.HttpRetryOptions(attempts=3, initial_delay=0.0, max_delay=0.0, jitter=0.0)
    prompt = f"A fox again [[{marker}]]"
    with client_of(drawing, retry_options=retries) as client, pytest.raises(errors.APIError):
        client.models.generate_content(model=MODEL, contents=prompt, config=IMAGES)
    asked = [each for each in upstream.requests if prompt in str(each.body)]
    with drawing.app.app_context():
        kept = list(db.session.scalars(select(Generation.status).filter_by(prompt=prompt)))
    assert (len(asked), kept) == (TIMES[marker], ["failed"] * TIMES[marker])


def test_the_providers_hint_comes_through(draws: Client) -> None:
    with pytest.raises(errors.ClientError) as caught:
        draws.models.generate_content(model=MODEL, contents="Hint [[429 retry=17s]]")
    details = caught.value.details["error"]["details"]
    assert [each["retryDelay"] for each in details if "retryDelay" in each] == ["17s"]
    assert caught.value.response.headers["retry-after"] == "17"


@pytest.mark.parametrize("marker", ["blocked SAFETY", "finish IMAGE_SAFETY", "text", "no-image"])
def test_refusals_come_through_and_are_recorded(draws: Client, drawing: Site, marker: str) -> None:
    answer = draws.models.generate_content(model=MODEL, contents=f"Refuse [[{marker}]]")
    assert not [
        part
        for candidate in answer.candidates or ()
        for part in (candidate.content and candidate.content.parts) or ()
        if part.inline_data
    ]
    generation, images = recorded(drawing, f"Refuse [[{marker}]]", "failed")
    assert generation.error_code in {"content_blocked", "no_image"}
    assert images == []


def test_a_wrong_key_is_told_as_google_would(drawing: Site) -> None:
    options = types.HttpOptions(base_url=f"{drawing.url}/gemini")
    client = Client(api_key="ps_wrong", vertexai=False, http_options=options)
    with client, pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=MODEL, contents="A fox")
    assert (caught.value.code, caught.value.status) == (401, "UNAUTHENTICATED")


def test_a_viewers_key_reads_and_draws_nothing(drawing: Site, upstream: FakeGemini) -> None:
    before = len(upstream.requests)
    with client_of(drawing, "viewer") as client:
        assert client.models.get(model=MODEL).name == f"models/{MODEL}"
        with pytest.raises(errors.ClientError) as caught:
            client.models.generate_content(model=MODEL, contents="A fox")
    assert (caught.value.code, caught.value.status) == (403, "PERMISSION_DENIED")
    assert len(upstream.requests) == before


def test_what_there_is_not_is_told(draws: Client) -> None:
    with pytest.raises(errors.ClientError) as unknown:
        draws.models.generate_content(model="gemini-9", contents="A fox")
    with pytest.raises(errors.ClientError) as counting:
        draws.models.count_tokens(model=MODEL, contents="A fox")
    with pytest.raises(errors.ClientError) as tools:
        draws.models.generate_content(
            model=MODEL, contents="A fox", config={"tools": [{"google_search": {}}]}
        )
    with pytest.raises(errors.ClientError) as files:
        draws.files.list(config={"page_size": 1}).page  # noqa: B018 - asking is what it is about
    assert [each.value.code for each in (unknown, counting, tools, files)] == [404, 404, 400, 404]
    assert "leave tools out" in (tools.value.message or "")
