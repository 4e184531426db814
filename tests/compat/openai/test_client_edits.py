"""The official client over HTTP: edits, and answers by links."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import openai
import pytest
from openai import OpenAI
from PIL import Image as Picture

from app.models.picture_file import picture_file
from app.services.marks import change_image, delete
from tests.compat.openai.conftest import client_of
from tests.fakes.gemini_server import FakeGemini
from tests.pictures import picture
from tests.site import Site

RED, BLUE = picture(color=(200, 30, 40)), picture(color=(30, 40, 200))
HERE = "http://127.0.0.1:8000/"


def fetched(site: Site, url: str | None) -> tuple[str, bytes]:
    """Fetch a link without any header, from where the server is in this test; return type and bytes."""
    assert url is not None
    assert url.startswith(HERE)
    with urlopen(f"{site.url}/{url.removeprefix(HERE)}") as answer:  # noqa: S310 - our own address
        return answer.headers["Content-Type"], answer.read()


def test_it_edits_a_picture_however_it_is_given(draws: OpenAI, tmp_path: Path) -> None:
    file = tmp_path / "fox.png"
    file.write_bytes(RED)
    with file.open("rb") as opened:
        for given in (RED, file, opened, ("fox.png", RED), ("fox.png", RED, "image/png")):
            answer = draws.images.edit(image=given, prompt="Paint it green", model="gpt-image-1")
            [made] = answer.data or ()
            assert Picture.open(BytesIO(base64.b64decode(made.b64_json or ""))).size == (256, 170)
            assert answer.usage is not None
            assert answer.usage.output_tokens == 1120


def test_many_pictures_reach_the_provider_in_their_order(
    draws: OpenAI, upstream: FakeGemini
) -> None:
    draws.images.edit(image=[BLUE, RED], prompt="Mix them", n=1, size="1024x1536")
    parts = upstream.requests[-1].body["contents"][0]["parts"]
    sent = [each["inlineData"]["data"] for each in parts if "inlineData" in each]
    assert [base64.urlsafe_b64decode(each) for each in sent] == [BLUE, RED]


def test_it_streams_edits(draws: OpenAI) -> None:
    [event] = draws.images.edit(image=[RED], prompt="Paint it green", stream=True)
    assert event.type == "image_edit.completed"
    assert Picture.open(BytesIO(base64.b64decode(event.b64_json))).size == (256, 170)


def test_it_raises_what_is_wrong_with_a_picture(draws: OpenAI, upstream: FakeGemini) -> None:
    before = len(upstream.requests)
    with pytest.raises(openai.BadRequestError) as raised:
        draws.images.edit(image=b"no picture", prompt="Paint it green")
    assert (raised.value.code, raised.value.param) == ("invalid_image", "image.0")
    with pytest.raises(openai.BadRequestError) as raised:
        draws.images.edit(image=RED, mask=BLUE, prompt="Paint it green")
    assert raised.value.param == "mask"
    assert len(upstream.requests) == before


def test_an_edit_that_is_sent_again_is_drawn_once(drawing: Site, upstream: FakeGemini) -> None:
    before = len(upstream.requests)
    with client_of(drawing, timeout=0.5, max_retries=3) as client:
        answer = client.images.edit(image=[RED, BLUE], prompt="Mix them [[slow 1]]")
    assert answer.data
    assert len(upstream.requests) == before + 1


@pytest.mark.parametrize("output_format", ["png", "webp", "jpeg"])
def test_pictures_come_in_the_format_that_was_asked_for(
    drawing: Site, draws: OpenAI, output_format: str
) -> None:
    for answered_by in ("b64_json", "url"):
        answer = draws.images.generate(
            prompt="A red fox",
            output_format=output_format,  # type: ignore[call-overload]  # a parameter of the test
            output_compression=40,
            response_format=answered_by,
        )
        assert answer.output_format == output_format
        [made] = answer.data
        data = (
            fetched(drawing, made.url)[1]
            if answered_by == "url"
            else base64.b64decode(made.b64_json)
        )
        assert Picture.open(BytesIO(data)).format == output_format.upper()


def test_a_link_opens_the_bytes_that_are_kept_until_they_are_deleted(
    drawing: Site, draws: OpenAI
) -> None:
    answer = draws.images.edit(image=RED, prompt="Paint it green", response_format="url", n=2)
    for made in answer.data or ():
        kind, data = fetched(drawing, made.url)
        assert kind == f"image/{answer.output_format}"
        assert made.b64_json is None
        with drawing.app.app_context():
            assert made.model_extra is not None
            assert picture_file(made.model_extra["id"]).read() == data
            change_image(made.model_extra["id"], delete())
        with pytest.raises(HTTPError, match="410"):
            fetched(drawing, made.url)
