"""What goes wrong in the demo, told as the providers' own failures are."""

from __future__ import annotations

from random import Random
from typing import Any

from app.providers.base import (
    ContentBlocked,
    NoImage,
    ProviderError,
    ProviderFailed,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from app.services.generation_outcome import error_columns

MADE_UP = " (Made up for the demo.)"
# Each with how often it happens beside the others.
_FAILURES: tuple[tuple[ProviderError, int], ...] = (
    (ContentBlocked("The prompt was refused." + MADE_UP, reason="PROHIBITED_CONTENT"), 4),
    (ContentBlocked("The picture was refused." + MADE_UP, reason="IMAGE_SAFETY"), 4),
    (RateLimited("Too many requests just now." + MADE_UP, retry_after=20), 4),
    (ProviderUnavailable("The model is overloaded." + MADE_UP), 3),
    (ProviderTimeout("No answer within 120 seconds." + MADE_UP, may_be_billed=True), 2),
    (ProviderFailed("The provider broke down." + MADE_UP, may_be_billed=True), 1),
    (NoImage("It answered in words: I would rather describe it." + MADE_UP), 2),
)
# What was tried once more, as one would.
PASSING = (RateLimited, ProviderUnavailable, ProviderTimeout, ProviderFailed)


def some_failure(chance: Random) -> ProviderError:
    """Return one of them."""
    failures = [failure for failure, _ in _FAILURES]
    return chance.choices(failures, [weight for _, weight in _FAILURES])[0]


def columns_of(failure: ProviderError | None) -> dict[str, Any]:
    """Return the columns of a generation that tell of a failure, or that there was none."""
    return error_columns(failure)
