"""What a message says, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Status, WebhookDelivery
from app.services.endings import end_generations
from app.services.webhooks.payload import payload_of
from tests.api.contract import check_message
from tests.models.samples import generation, kept_image
from tests.services.webhooks.conftest import SECRET

FAILURE = {
    "error_code": "content_blocked",
    "error_message": "No fox",
    "error_reason": "FOXES",
    "error_retryable": False,
}


def told(app: Flask, **columns: Any) -> dict[str, Any]:
    """Return the message of a generation that ends with one image."""
    with app.app_context():
        row = generation(variables={"mood": "red"}, n=2, done=1)
        kept_image(generation_id=row.id, ordinal=0)
        end_generations(Generation.id == row.id, status=Status.SUCCEEDED, **columns)
        db.session.commit()
        delivery = db.session.scalars(select(WebhookDelivery)).one()
        message: dict[str, Any] = json.loads(payload_of(delivery))
        check_message(app, "generation", message)
        return message


@pytest.fixture
def serves() -> bool:
    """Links are followed here."""
    return True


@pytest.fixture
def make(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    return lambda **more: make_app(webhook_url="https://a.test", webhook_secret=SECRET, **more)


def test_it_is_the_record_with_links_and_without_words(
    make: Callable[..., Flask], keys: dict[str, dict[str, str]]
) -> None:
    app = make()
    message = told(app, **FAILURE)
    assert message.keys() == {"type", "timestamp", "data"}
    assert message["type"] == "generation.succeeded"
    data = message["data"]
    assert (data["status"], data["n"], data["progress"]["done"]) == ("succeeded", 2, 1)
    assert data["error"] == {"code": "content_blocked", "retryable": False}
    assert "fox" not in json.dumps(message).casefold()
    client = app.test_client()
    [image] = data["images"]
    for link in (data["links"]["self"], *image["links"].values()):
        assert client.get(link, headers=keys["viewer"]).status_code == 200


def test_the_words_are_told_where_a_setting_wants_it(make: Callable[..., Flask]) -> None:
    data = told(make(webhook_prompts=True), **FAILURE)["data"]
    assert (data["prompt"], data["variables"]) == ("A fox", {"mood": "red"})
    assert data["error"]["message"] == "No fox"


def test_links_are_whole_where_the_public_address_is_known(make: Callable[..., Flask]) -> None:
    data = told(make(public_url="https://pictures.example.org/"))["data"]
    assert data["links"]["self"] == f"https://pictures.example.org/api/generations/{data['id']}"
