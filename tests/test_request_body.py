"""Bodies of requests, read to their end."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask

from app.request_body import MOST_UNREAD


def send(app: Flask, path: str, body: BytesIO, said: int, **headers: str) -> int:
    """Send a body that is `said` to be so many bytes long; return the status."""
    given = {"Content-Type": "multipart/form-data; boundary=x", **headers}
    length = {"CONTENT_LENGTH": str(said)}
    answer = app.test_client().post(
        path, input_stream=body, headers=given, environ_overrides=length
    )
    return answer.status_code


@pytest.mark.parametrize("path", ["/v1/images/edits", "/api/images", "/nowhere"])
def test_what_a_refusal_left_unread_is_read(app: Flask, path: str) -> None:
    body = BytesIO(b"x" * 3_000_000)
    assert send(app, path, body, 3_000_000) in {401, 404}
    assert body.tell() == 3_000_000


def test_what_is_very_large_is_not_read_for_nothing(app: Flask) -> None:
    body = BytesIO(b"x" * 100)
    assert send(app, "/v1/images/edits", body, MOST_UNREAD + 1) == 401
    assert body.tell() == 0


def test_who_asks_before_sending_need_not_send(app: Flask) -> None:
    body = BytesIO(b"x" * 100)
    assert send(app, "/v1/images/edits", body, 100, Expect="100-continue") == 401
    assert body.tell() == 0


def test_a_client_that_goes_away_in_the_middle_is_answered_all_the_same(app: Flask) -> None:
    assert send(app, "/v1/images/edits", BytesIO(b"x" * 100), 200) == 401
