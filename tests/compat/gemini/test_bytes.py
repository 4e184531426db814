"""What the upstream sent, what the client got and what the history keeps are the same bytes."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db, measures
from app.models import Generation, Image
from app.services.recorded_calls import keeping
from tests.conftest import key_of_each, settle
from tests.fakes.gemini_server import FakeGemini
from tests.models.samples import ON_SQLITE
from tests.services.recorded_calls.answers import without_room_for_pictures

MODEL = "gemini-3.1-flash-image"
SECRET = "the-key-of-the-upstream"


@pytest.fixture
def app(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Flask:
    """An app that draws with the fake Gemini."""
    return make_app(gemini_api_key=SECRET, gemini_base_url=fake_gemini.url, image_format="jpeg")


@pytest.fixture
def post(app: Flask) -> Callable[..., TestResponse]:
    """Call a method with a prompt, as a program does; wait until what came is kept."""
    key = key_of_each(app)["creator"]
    client: FlaskClient = app.test_client()

    def call(prompt: str, method: str = "generateContent", **options: Any) -> TestResponse:
        headers = {"x-goog-api-key": key, **options.pop("headers", {})}
        body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        path = f"/gemini/v1beta/models/{MODEL}:{method}"
        answer = client.post(path, json=body, headers=headers, buffered=True, **options)
        settle(app)
        return answer

    return call


def history() -> tuple[Generation, list[bytes]]:
    row = db.session.query(Generation).one()
    return row, [image.blob.data for image in row.images]


def sent_pictures(body: bytes) -> list[bytes]:
    """Return the pictures in an answer that are no thoughts, decoded by nothing of ours."""
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    answer = json.loads(body.removeprefix(b"data: "))
    found = []
    for part in answer["candidates"][0]["content"]["parts"]:
        if "inlineData" in part and not part.get("thought"):
            data = part["inlineData"]["data"]
            found.append(base64.urlsafe_b64decode(data.replace("+", "-").replace("/", "_") + "=="))
    return found


# What cannot depend on the kind of database is asked of one.
MARKERS = (
    *("png", "jpeg", "webp", "gzip", "url-safe", "thoughts", "two"),
    *("unknown-words", "no-usage", "drip 0.1"),
)


@ON_SQLITE
@pytest.mark.parametrize("marker", MARKERS)
def test_plain_answers(
    app: Flask, post: Callable[..., TestResponse], fake_gemini: FakeGemini, marker: str
) -> None:
    answer = post(f"A fox [[{marker}]]", headers={"Accept-Encoding": "gzip"})
    sent = fake_gemini.last_body
    assert (answer.status_code, answer.data) == (200, sent)
    assert answer.headers.get("Content-Encoding") == ("gzip" if marker == "gzip" else None)
    with app.app_context():
        row, kept = history()
        assert kept == sent_pictures(sent)
        assert (row.status, row.done, row.error_code) == ("succeeded", len(kept), None)
        assert {image.source for image in row.images} == {"proxy"}
        assert kept


@pytest.mark.parametrize("marker", ["png", "two", "thoughts"])
def test_streams(
    app: Flask, post: Callable[..., TestResponse], fake_gemini: FakeGemini, marker: str
) -> None:
    answer = post(f"A fox [[{marker}]]", "streamGenerateContent", query_string={"alt": "sse"})
    sent = fake_gemini.last_body
    assert (answer.status_code, answer.data) == (200, sent)
    with app.app_context():
        assert history()[1] == sent_pictures(sent) != []


@ON_SQLITE
@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("blocked SAFETY", (200, "content_blocked")),
        ("finish IMAGE_SAFETY", (200, "content_blocked")),
        ("no-image", (200, "no_image")),
        ("text", (200, "no_image")),
        ("not-an-image", (200, "provider_bad_answer")),
        ("cut-json", (200, "provider_bad_answer")),
        ("429 retry=17s", (429, "rate_limited")),
        ("500", (503, "provider_failed")),
        ("503", (503, "provider_unavailable")),
        (f"403-echo {SECRET}", (502, "provider_auth")),
    ],
)
def test_what_brings_no_picture_is_recorded_too(
    app: Flask,
    post: Callable[..., TestResponse],
    fake_gemini: FakeGemini,
    marker: str,
    expected: tuple[int, str],
) -> None:
    answer = post(f"A fox [[{marker}]]")
    if answer.status_code == 200:
        assert answer.data == fake_gemini.last_body
    with app.app_context():
        row, kept = history()
        assert (answer.status_code, row.error_code) == expected
        assert (row.status, kept) == ("failed", [])
        assert SECRET not in f"{row.error_message} {row.error_reason}".replace(row.prompt, "")
        assert db.session.query(Image).count() == 0


def test_a_picture_that_cannot_be_saved_reaches_its_client(
    app: Flask,
    post: Callable[..., TestResponse],
    fake_gemini: FakeGemini,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE_SECONDS", 0.0)
    with app.app_context(), without_room_for_pictures():
        answer = post("A fox")
    assert (answer.status_code, answer.data) == (200, fake_gemini.last_body)
    with app.app_context():
        row, kept = history()
        assert (row.status, row.error_code, kept) == ("failed", "not_kept", [])
        assert measures().unsaved() == 1
