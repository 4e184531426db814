"""How the webhook stands, for those who look after the service."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import current_settings, db
from app.models import WebhookDelivery


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """Where messages go, how many wait to be sent (again), and the newest of all, None: never any.

    The address is only its beginning: what comes after the host may be a secret.
    """

    address: str
    waiting: int
    newest: WebhookDelivery | None


def webhook_standing() -> WebhookStanding | None:
    """Return how the webhook of the settings stands; None where there is none."""
    url = current_settings().webhook_url
    if url is None:
        return None
    waiting = select(func.count()).where(WebhookDelivery.next_try_at.is_not(None))
    newest = select(WebhookDelivery).order_by(WebhookDelivery.created_at.desc()).limit(1)
    return WebhookStanding(
        address=f"{url.scheme}://{url.host}:{url.port}",
        waiting=db.session.scalar(waiting) or 0,
        newest=db.session.scalars(newest).first(),
    )
