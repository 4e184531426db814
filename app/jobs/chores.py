"""What a worker does beside drawing, each in a thread of its own, so that no heartbeat is late."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from flask import Flask

from app.extensions import current_settings
from app.logs import tell_fault
from app.services.housekeeping import run_due

if TYPE_CHECKING:
    from app.services.webhooks.delivery import Deliverer

WEBHOOK_SECONDS = 1.0
HOUSEKEEPING_SECONDS = 60.0
# After an error, most likely of the database: not with each second's look.
ERROR_SECONDS = 30.0
# What a chore is about when the worker stops may take so long to end.
PATIENCE_SECONDS = 5.0


@contextmanager
def chores(app: Flask) -> Iterator[None]:
    """Deliver webhooks and keep house while inside. Needs the app's context."""
    with ExitStack() as stack:
        stack.enter_context(repeated(app, "housekeeping", HOUSEKEEPING_SECONDS, run_due))
        if delivering := _deliverer():
            stack.enter_context(closing(delivering))
            delivery = repeated(app, "webhooks", WEBHOOK_SECONDS, delivering.deliver_due)
            stack.enter_context(delivery)
        yield


def _deliverer() -> Deliverer | None:
    if current_settings().webhook_url is None:
        return None
    from app.services.webhooks.delivery import deliverer  # with an HTTP client

    return deliverer()


@contextmanager
def repeated(app: Flask, name: str, seconds: float, action: Callable[[], bool]) -> Iterator[None]:
    """Repeat an action in a thread while inside, with pauses unless it tells that there is more."""
    stop = threading.Event()

    def repeat() -> None:
        pause = seconds
        while not stop.wait(pause):
            try:
                with app.app_context():
                    pause = 0 if action() else seconds
            except Exception as error:  # noqa: BLE001 - it is told
                tell_fault(error, chore=name)
                pause = max(seconds, ERROR_SECONDS)

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
