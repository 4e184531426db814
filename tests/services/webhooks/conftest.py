"""What tests of the webhook share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.fakes.webhook_receiver import WebhookReceiver

SECRET = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMhISE="


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """Somebody's server, on this machine."""
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def telling(make_app: Callable[..., Flask], receiver: WebhookReceiver) -> Iterator[Flask]:
    """An app that tells this server what has ended, its context pushed."""
    app = make_app(webhook_url=receiver.url, webhook_secret=SECRET, webhook_private=True)
    with app.app_context():
        yield app
