"""How the webhook stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.models import Event, WebhookDelivery
from app.models.types import utc_now
from app.services.webhooks.standing import webhook_standing
from tests.services.webhooks.conftest import SECRET


def test_without_a_webhook_there_is_nothing_to_tell(context: Flask) -> None:
    assert webhook_standing() is None


def test_what_waits_is_counted_and_the_newest_message_is_told(
    make_app: Callable[..., Flask],
) -> None:
    url = "https://hooks.example.org:8443/a-secret/path?token=t"
    with make_app(webhook_url=url, webhook_secret=SECRET).app_context():
        nobody = webhook_standing()
        now = utc_now()
        for number, waits in enumerate([True, False, True]):
            db.session.add(
                WebhookDelivery(
                    event=Event.GENERATION_FAILED,
                    subject=str(number) * 26,
                    created_at=now - timedelta(minutes=number),
                    next_try_at=now if waits else None,
                )
            )
        db.session.commit()
        standing = webhook_standing()
        assert nobody is not None
        assert (nobody.waiting, nobody.newest) == (0, None)
        assert standing is not None
        assert (standing.address, standing.waiting) == ("https://hooks.example.org:8443", 2)
        assert standing.newest is not None
        assert standing.newest.subject == "0" * 26
