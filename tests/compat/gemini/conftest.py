"""What tests of Google's wire share: the official client, with nothing changed but address and key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.genai import Client

from tests.site import Site

MODEL = "gemini-3.1-flash-image"


def client_of(site: Site, role: str = "creator", **options: Any) -> Client:
    """Return a client that knows nothing of us but an address and a key."""
    options = {"base_url": f"{site.url}/gemini", **options}
    return Client(api_key=site.key(role), vertexai=False, http_options=options)


@pytest.fixture(scope="module")
def sketches(sketching: Site) -> Iterator[Client]:
    """A client of a server that sketches."""
    with client_of(sketching) as client:
        yield client


@pytest.fixture(scope="module")
def draws(drawing: Site) -> Iterator[Client]:
    """A client of a server that draws with the fake Gemini."""
    with client_of(drawing) as client:
        yield client
