"""What tests of the API share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.contract import HeldToDocument
from tests.conftest import key_of_each
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import install_jobs

Ask = Callable[..., TestResponse]


def asker(app: Flask) -> Ask:
    """Return `ask(method, path, role="creator", headers={}, …)`, which sends a live key along."""
    tokens = key_of_each(app)

    def ask(method: str, path: str, *, role: str = "creator", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[role]}", **more.pop("headers", {})}
        return app.test_client().open(path, method=method, headers=headers, **more)

    return ask


def draw(ask: Ask, prompt: str, wait: int = 30, **fields: Any) -> TestResponse:
    """Ask for pictures and wait for them."""
    body = {"prompt": prompt, **fields}
    return ask("POST", "/api/generations", json=body, headers={"Prefer": f"wait={wait}"})


def ended(ask: Ask, location: str) -> dict[str, Any]:
    """Return a generation once it has ended."""
    while (shown := ask("GET", location).json)["status"] in {"queued", "running"}:
        pass
    return dict(shown)


@pytest.fixture
def make_app(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Make an app whose test clients hold every answer to the API's document."""

    def make(**changes: Any) -> Flask:
        app = make_app(**changes)
        app.test_client_class = HeldToDocument
        install_jobs(app)
        return app

    return make


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Ask an app that sketches."""
    return asker(app)


@pytest.fixture
def gemini_app(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Flask:
    """An app that draws with the fake Gemini."""
    return make_app(
        gemini_api_key="x", gemini_base_url=fake_gemini.url, provider_deadline=5, retries=0
    )


@pytest.fixture
def ask_gemini(gemini_app: Flask) -> Ask:
    """Ask an app that draws with the fake Gemini."""
    return asker(gemini_app)
