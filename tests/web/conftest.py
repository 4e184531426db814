"""What tests of pages share: browsers that are logged in, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from config import Settings
from tests.conftest import key_of_each
from tests.fakes.jobs import install_jobs

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
Browse = Callable[..., TestResponse]


@pytest.fixture
def make_app(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Make an app whose jobs are done by threads."""

    def make(**changes: Any) -> Flask:
        app = make_app(**changes)
        install_jobs(app)
        return app

    return make


@pytest.fixture
def browse(app: Flask) -> Browse:
    """Return `browse(method, path, role="creator", …)`, as a browser that is logged in does it."""
    return browser(app)


def browser(app: Flask) -> Browse:
    """Return the same for any app."""
    tokens = key_of_each(app)
    clients: dict[str, FlaskClient] = {}

    def browse(method: str, path: str, *, role: str = "creator", **more: Any) -> TestResponse:
        if role not in clients:
            clients[role] = logged_in(app, tokens[role])
        given = {**OURS, **more.pop("headers", {})}
        headers = {name: value for name, value in given.items() if value is not None}
        return clients[role].open(path, method=method, headers=headers, **more)

    return browse


def logged_in(app: Flask, key: str) -> FlaskClient:
    """Return a client with the cookie of a session of this key."""
    client = app.test_client()
    answer = client.post("/login", data={"secret": key}, headers=OURS)
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture
def plain_client(tmp_path: Path) -> FlaskClient:
    """A client of an app whose database nobody asks."""
    return create_app(Settings(instance=tmp_path)).test_client()
