"""Sending what was noted, by workers: each message once in the good case, at least once in any.

A worker that is about to send a message moves its next try on, as a lease; one that dies then leaves
it to the others, and a receiver may get it twice: it has the same `webhook-id`.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from sqlalchemy import select, update

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.logs import tell
from app.models import Event, WebhookDelivery
from app.models.types import utc_now
from app.services.records import timestamp
from app.services.webhooks.payload import payload_of
from app.services.webhooks.sending import NotDelivered, Sender
from app.services.webhooks.signing import signed_headers
from config import webhook_key

AT_ONCE = 4
# Longer than any sending takes.
LEASE = timedelta(minutes=2)
# After each failure; after the last, some 20 hours later, it is given up.
PAUSES_SECONDS = (5, 60, 300, 1800, 7200, 21_600, 43_200)


@dataclass(frozen=True, slots=True)
class _Message:
    """One that was claimed: plain values, no row."""

    id: str
    event: Event
    subject: str
    attempt: int
    body: bytes


class Deliverer:
    """Delivers what is due, from one thread; `close` ends it."""

    def __init__(self, sender: Sender, key: bytes) -> None:
        """Take what sends, and the key that signs."""
        self._sender = sender
        self._key = key
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")

    def close(self) -> None:
        """End, without waiting for what is under way: its lease runs out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._sender.close()

    def deliver_due(self) -> bool:
        """Send some of what is due, and commit what became of it; tell whether there was any."""
        messages = _claim()
        outcomes = list(self._threads.map(self._send, messages))
        for message, failure in zip(messages, outcomes, strict=True):
            _note(message, failure)
        db.session.commit()
        return bool(messages)

    def _send(self, message: _Message) -> NotDelivered | None:
        headers = signed_headers(self._key, message.id, int(time.time()), message.body)
        try:
            self._sender.send(message.body, headers)
        except NotDelivered as failure:
            return failure
        except Exception as error:  # noqa: BLE001 - one must not stop the others
            return NotDelivered(f"It could not be sent ({type(error).__name__}).")
        return None


def deliverer() -> Deliverer | None:
    """Return one for the webhook of the settings; None where there is none.

    Raises ConfigurationError when the certificates that receivers are held against cannot be read.
    """
    settings = current_settings()
    url, secret = settings.webhook_url, settings.webhook_secret
    if url is None or secret is None:
        return None
    try:
        sender = Sender(str(url), private=settings.webhook_private)
    except OSError as error:
        raise ConfigurationError(
            f"Nothing can be sent to PROOFSHEET_WEBHOOK_URL: the certificates cannot be read "
            f"({error}). Check SSL_CERT_FILE and SSL_CERT_DIR."
        ) from error
    return Deliverer(sender, webhook_key(secret))


def _claim() -> list[_Message]:
    """Take the messages that are due, for a while."""
    now = utc_now()
    is_due = WebhookDelivery.next_try_at <= now
    due = select(WebhookDelivery.id).where(is_due).order_by(WebhookDelivery.next_try_at)
    # Not as part of the update: PostgreSQL may ask a sub-query with a limit for each row anew.
    ids = db.session.scalars(due.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if not ids:
        db.session.rollback()
        return []
    # On SQLite somebody may have been quicker.
    taken = update(WebhookDelivery).where(WebhookDelivery.id.in_(ids), is_due)
    leased = taken.values(next_try_at=now + LEASE, attempts=WebhookDelivery.attempts + 1)
    options = {"populate_existing": True}
    rows = db.session.scalars(leased.returning(WebhookDelivery), execution_options=options).all()
    db.session.commit()
    messages = [
        _Message(row.id, row.event, row.subject, row.attempts, payload_of(row)) for row in rows
    ]
    db.session.rollback()  # no transaction is open while they are sent
    return messages


def _note(message: _Message, failure: NotDelivered | None) -> None:
    """Note what became of a message, unless another has taken it over meanwhile."""
    now = utc_now()
    again = _next_try(now, message.attempt, failure) if failure else None
    ours = update(WebhookDelivery).where(
        WebhookDelivery.id == message.id, WebhookDelivery.attempts == message.attempt
    )
    reason = str(failure) if failure else None
    delivered_at = None if failure else now
    values = {"next_try_at": again, "delivered_at": delivered_at, "last_error": reason}
    db.session.execute(ours.values(values))
    tell(
        "webhook",
        level=logging.WARNING if failure else logging.INFO,
        webhook_id=message.id,
        type=message.event,
        subject=message.subject,
        attempt=message.attempt,
        reason=reason,
        next_try_at=timestamp(again),
    )


def _next_try(now: datetime, attempt: int, failure: NotDelivered) -> datetime | None:
    """Return when to try again after the failure of so many attempts; None: never."""
    if failure.status == HTTPStatus.GONE or attempt > len(PAUSES_SECONDS):
        return None
    spread = random.uniform(0.9, 1.2)  # noqa: S311 - to spread, not to hide
    return now + timedelta(seconds=PAUSES_SECONDS[attempt - 1] * spread)
