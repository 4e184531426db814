"""What a worker does beside drawing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from app.jobs.chores import repeated
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from tests.fakes.providers import install
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.jobs.conftest import working
from tests.log import logging_to
from tests.models.samples import ON_SQLITE
from tests.processes import PATIENCE_SECONDS, wait_until
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


def test_what_has_more_to_do_goes_on_at_once(context: Flask) -> None:
    left = [None] * 3
    done = threading.Event()

    def work() -> bool:
        left.pop()
        if not left:
            done.set()
        return bool(left)

    with repeated(context, "work", 0.01, work):
        assert done.wait(PATIENCE_SECONDS)


@ON_SQLITE
def test_what_fails_is_told(context: Flask) -> None:
    def fail() -> bool:
        raise KeyError("broken")

    with logging_to() as log, repeated(context, "work", 0.01, fail):
        assert wait_until(lambda: log.text)
    assert [line["chore"] for line in log.lines("fault")] == ["work"]
