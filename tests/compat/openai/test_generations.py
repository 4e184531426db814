"""POST /v1/images/generations, asked by a client that knows nothing of us."""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image as Picture
from werkzeug.test import TestResponse

from tests.conftest import key_of_each

PATH = "/v1/images/generations"
Ask = Callable[..., TestResponse]


def asker(app: Flask) -> Ask:
    """Return `ask(body, role="creator", …)`, which asks for pictures."""
    tokens = key_of_each(app)

    def ask(body: Any = None, *, role: str = "creator", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[role]}", **more.pop("headers", {})}
        sent = more if body is None else {"json": body, **more}
        return app.test_client().post(PATH, headers=headers, **sent)

    return ask


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Ask an app that sketches."""
    return asker(app)


def test_words_become_a_picture_in_base64(ask: Ask) -> None:
    answer = ask({"prompt": "A red fox in the snow"})
    assert answer.status_code == 200
    [image] = answer.json["data"]
    picture = Picture.open(BytesIO(base64.b64decode(image["b64_json"])))
    assert answer.json["size"] == f"{picture.width}x{picture.height}"
