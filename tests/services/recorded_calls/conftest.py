"""An app that would draw with Gemini, a key, and the calls of programs that have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.models.conftest import serves
from tests.services.recorded_calls.answers import new_key

__all__ = ["serves"]


@pytest.fixture
def gemini(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """An app with a key of Gemini's, its context pushed."""
    with (app := make_app(gemini_api_key="a key of the upstream")).app_context():
        yield app


@pytest.fixture
def key(gemini: Flask) -> int:
    """The id of a program's key."""
    return new_key()
