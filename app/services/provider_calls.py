"""Each call to a provider: told in the log, and counted.

The counts wait in the process that drew, and are added to the database now and then by whoever looks
after it: a call has no transaction of its own. Those of the last seconds are lost with a process that
is killed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import cast

from flask import current_app

from app.errors import ProofsheetError
from app.extensions import db
from app.logs import tell
from app.models import tally
from app.services.generation_outcome import fault
from app.services.tallies import CALL, CALL_ERRORS, Sums


class ProviderCalls:
    """The calls of this process that the database does not know of yet; threads may share it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = Lock()
        self._sums = Sums()
        self._booked_at = 0.0

    def count(self, provider: str, model: str, seconds: float, error_code: str | None) -> None:
        """Count one call that ended."""
        with self._lock:
            self._sums.time(CALL, provider, model, seconds)
            if error_code:
                self._sums.count(CALL_ERRORS, provider, model, error_code)

    def book(self, every: float = 0) -> None:
        """Add them to the database, and commit; nothing, if there are none.

        Nor if that was done within so many seconds: they wait for the next time.

        Those that could not be added wait on, and the database's error is raised.
        """
        with self._lock:
            if time.monotonic() < self._booked_at + every:
                return
            self._booked_at = time.monotonic()
            booked, self._sums = self._sums, Sums()
        if not booked:
            return
        try:
            tally.add(booked)
            db.session.commit()
        except BaseException:
            db.session.rollback()
            with self._lock:
                self._sums.add_all(booked)
            raise


def provider_calls() -> ProviderCalls:
    """Return those of the current app."""
    return cast(ProviderCalls, current_app.extensions["provider_calls"])


@contextmanager
def provider_call(provider: str, model: str, generation_id: str, attempt: int) -> Iterator[None]:
    """Tell of the call that is made inside, and count it."""
    began = time.monotonic()
    error_code: str | None = None
    try:
        yield
    except BaseException as error:
        known = error if isinstance(error, ProofsheetError) else fault(error)
        error_code = known.code
        raise
    finally:
        seconds = time.monotonic() - began
        note_call(provider, model, generation_id, attempt, seconds=seconds, error_code=error_code)


def note_call(
    provider: str,
    model: str,
    generation_id: str,
    attempt: int,
    *,
    seconds: float,
    error_code: str | None,
) -> None:
    """Tell of a call that has ended, and count it."""
    provider_calls().count(provider, model, seconds, error_code)
    tell(
        "provider_call",
        generation_id=generation_id,
        provider=provider,
        model=model,
        status="failed" if error_code else "succeeded",
        duration_ms=round(seconds * 1000),
        attempt=attempt,
        error_code=error_code,
    )
