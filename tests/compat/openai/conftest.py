"""What tests of OpenAI's wire share: the official client, strict about every answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openai import OpenAI

from tests.site import Site


def client_of(site: Site, role: str = "creator", **changes: Any) -> OpenAI:
    """Return a client that knows nothing of us but an address and a key."""
    ours = {"base_url": f"{site.url}/v1", "api_key": site.key(role)}
    return OpenAI(**{**ours, "max_retries": 0, "_strict_response_validation": True, **changes})


@pytest.fixture(scope="module")
def sketches(sketching: Site) -> Iterator[OpenAI]:
    """A client of a server that sketches."""
    with client_of(sketching) as client:
        yield client


@pytest.fixture(scope="module")
def draws(drawing: Site) -> Iterator[OpenAI]:
    """A client of a server that draws with the fake Gemini."""
    with client_of(drawing) as client:
        yield client
