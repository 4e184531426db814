"""What is told: written down in the transaction in which it happens, so that neither is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import insert

from app.extensions import current_settings, db
from app.models import Event, Status, WebhookDelivery
from app.models.batches import batches
from app.models.types import utc_now

if TYPE_CHECKING:
    from app.services.endings import Ended

EVENT_OF = {
    Status.SUCCEEDED: Event.GENERATION_SUCCEEDED,
    Status.FAILED: Event.GENERATION_FAILED,
    Status.CANCELLED: Event.GENERATION_CANCELLED,
}


def tell_of_ends(ended: Iterable[Ended]) -> None:
    """Note these ends, just made and not committed, for the webhook; nothing where there is none."""
    _note((EVENT_OF[each.status], each.id) for each in ended)


def tell_of_batches(batch_ids: Iterable[str]) -> None:
    """Note batches that were just found to have ended, likewise."""
    _note((Event.BATCH_ENDED, each) for each in batch_ids)


def _note(events: Iterable[tuple[Event, str]]) -> None:
    if not current_settings().webhook_url:
        return
    now = utc_now()
    for batch in batches(events):
        rows = [
            {"event": event, "subject": subject, "created_at": now, "next_try_at": now}
            for event, subject in batch
        ]
        db.session.execute(insert(WebhookDelivery), rows)
