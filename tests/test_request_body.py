"""What is read of a request's body, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.body_stream import MOST_READING_WITHOUT_A_KEY, BodyTurns
from app.errors import Busy
from app.request_body import MOST_UNREAD
from tests.web.conftest import OURS


@pytest.fixture
def bearer(keys: dict[str, dict[str, str]]) -> dict[str, str]:
    """A creator's key."""
    return keys["creator"]


def send(
    app: Flask, path: str, body: BytesIO, said: int, headers: Mapping[str, str]
) -> TestResponse:
    """Send a body that is `said` to be so many bytes long; return the answer."""
    given = {"Content-Type": "multipart/form-data; boundary=x", **headers}
    length = {"CONTENT_LENGTH": str(said)}
    return app.test_client().post(path, input_stream=body, headers=given, environ_overrides=length)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/images/edits",
        "/gemini/v1/models/gemini-3.1-flash-image:generateContent",
        "/api/generations",
        "/compose",
        "/nowhere",
    ],
)
def test_nothing_is_read_of_whoever_has_no_key(app: Flask, path: str) -> None:
    body = BytesIO(b"x" * 100)
    answer = send(app, path, body, 100, {"Authorization": "Bearer ps_wrong"})
    assert answer.status_code in {401, 403, 404}
    assert body.tell() == 0
    assert answer.headers["Connection"] == "close"


def test_what_a_refusal_left_unread_is_read_of_whoever_has_a_key(
    app: Flask, bearer: dict[str, str]
) -> None:
    body = BytesIO(b"x" * 3_000_000)
    answer = send(app, "/api/images", body, 3_000_000, {**bearer, "Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert body.tell() == 3_000_000
    assert "Connection" not in answer.headers


def test_what_is_very_large_is_not_read_for_nothing(app: Flask, bearer: dict[str, str]) -> None:
    body = BytesIO(b"x" * 100)
    answer = send(app, "/api/generations", body, MOST_UNREAD + 1, bearer)
    assert (answer.status_code, body.tell()) == (415, 0)
    assert answer.headers["Connection"] == "close"


def test_who_asks_before_sending_need_not_send(app: Flask, bearer: dict[str, str]) -> None:
    body = BytesIO(b"x" * 100)
    headers = {**bearer, "Expect": "100-continue"}
    assert send(app, "/api/generations", body, 100, headers).status_code == 415
    assert body.tell() == 0


def test_a_client_that_goes_away_in_the_middle_is_answered_all_the_same(
    app: Flask, bearer: dict[str, str]
) -> None:
    assert send(app, "/api/generations", BytesIO(b"x" * 100), 200, bearer).status_code == 415


def test_slow_forms_of_whoever_has_no_key_leave_room_for_others(
    app: Flask, bearer: dict[str, str]
) -> None:
    body, headers = b"secret=x", {"Content-Type": "application/x-www-form-urlencoded", **OURS}
    with ExitStack() as slow:
        for _ in range(MOST_READING_WITHOUT_A_KEY):
            slow.enter_context(app.extensions["body_turns"].one(has_key=False))
        answer = send(app, "/login", BytesIO(body), len(body), headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
        sent = app.test_client().post("/api/generations", json={}, headers=bearer)
        assert sent.status_code == 422
    assert send(app, "/login", BytesIO(body), len(body), headers).status_code == 401


def test_a_place_to_read_is_free_again_afterwards() -> None:
    turns = BodyTurns(1, 1)
    for has_key in (True, False, True):
        with turns.one(has_key=has_key), pytest.raises(Busy), turns.one(has_key=True):
            pass
