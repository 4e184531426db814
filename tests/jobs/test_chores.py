"""What a worker does beside drawing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from tests.fakes.providers import install
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.jobs.conftest import working
from tests.processes import wait_until
from tests.services.webhooks.conftest import SECRET


def test_a_worker_tells_the_webhook_of_what_it_has_drawn(make_app: Callable[..., Flask]) -> None:
    with WebhookReceiver() as receiver:
        told = receiver.received
        app = make_app(webhook_url=receiver.url, webhook_secret=SECRET, webhook_private=True)
        with app.app_context():
            install(app)
            generation_id = ImageGeneratorService().enqueue(GenerationRequest("A fox")).id
            with working(app):
                assert wait_until(lambda: told)
        [message] = [each.json for each in told]
    assert (message["type"], message["data"]["id"]) == ("generation.succeeded", generation_id)
