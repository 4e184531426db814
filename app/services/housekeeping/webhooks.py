"""Messages of the webhook that were delivered, given up, or never sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, select

from app.extensions import db
from app.models import WebhookDelivery
from app.models.types import utc_now
from app.services.housekeeping.task import Task

# For those who wonder what was told.
KEPT = timedelta(days=7)
# What waits because no worker sends it: none did for long.
KEPT_UNSENT = timedelta(days=30)
AT_ONCE = 500


def _steps() -> Iterator[int]:
    while True:
        old = select(WebhookDelivery.id).where(_is_old()).limit(AT_ONCE)
        done = db.session.execute(
            delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)),
            execution_options={"synchronize_session": False},
        )
        db.session.commit()
        removed = cast("CursorResult[Any]", done).rowcount
        if not removed:
            return
        yield removed


def _count() -> int:
    return db.session.scalar(select(func.count()).where(_is_old())) or 0


def _is_old() -> ColumnElement[bool]:
    now = utc_now()
    done = WebhookDelivery.next_try_at.is_(None)
    # The later moment alone, so that the index is used.
    return (WebhookDelivery.created_at < now - KEPT) & (
        done | (WebhookDelivery.created_at < now - KEPT_UNSENT)
    )


WEBHOOKS = Task("webhooks", timedelta(hours=1), "old messages of the webhook", _steps, _count)
