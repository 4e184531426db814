"""Which requests were refused and told to come again: what comes then began nothing before.

By its count alone it would be taken for one whose client gave up waiting, and be given the picture of
another request with the same words. Known in one server process; another one takes it for that.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import cast

from flask import current_app, request

from app.compat.openai.sent_body import body_digest

# Clients wait a minute at the most before they come again.
LIFE_SECONDS = 120
MOST = 10_000

# Whose request it is, what for, what its body is, and how often it was sent before.
Sent = tuple[bytes, str, bytes, int]


class Refusals:
    """Those of one app."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._times: OrderedDict[Sent, list[float]] = OrderedDict()

    def note(self, times: int) -> None:
        """Note that the present request, sent so many `times` before, is refused.

        Not where an earlier one of them was not: what that one began is still to be found.
        """
        if times and not self.take(times):
            return
        sent = _sent(times + 1)
        if sent is None:
            return
        with self._lock:
            self._times.setdefault(sent, []).append(time.monotonic())
            while len(self._times) > MOST:
                self._times.popitem(last=False)

    def know(self, times: int) -> bool:
        """Tell whether the present request was refused each time before."""
        sent = _sent(times)
        with self._lock:
            return bool(self._live(sent))

    def take(self, times: int) -> bool:
        """Do so, and forget it."""
        sent = _sent(times)
        with self._lock:
            noted = self._live(sent)
            if not noted:
                return False
            noted.pop()
            return True

    def _live(self, sent: Sent | None) -> list[float]:
        """Return when such requests were refused; what is long ago is forgotten."""
        if sent is None:
            return []
        noted = self._times.pop(sent, [])
        noted = [each for each in noted if each > time.monotonic() - LIFE_SECONDS]
        if noted:
            self._times[sent] = noted
        return noted


def refusals() -> Refusals:
    """Return those of the current app."""
    return cast(Refusals, current_app.extensions["openai_refusals"])


def _sent(times: int) -> Sent | None:
    """Return what the present request is known by; None: it cannot be, or was never sent before."""
    body = body_digest() if times else None
    if body is None:
        return None
    key = sha256(request.headers.get("Authorization", "").encode()).digest()
    return key, request.path, body, times
