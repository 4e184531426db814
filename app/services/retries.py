"""Which failures pass by themselves, and when to try again."""

from __future__ import annotations

import random

from app.errors import ProofsheetError
from app.providers.base import ProviderError, ProviderUnavailable

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 120.0
# A provider that asks for more is better asked again by a person.
LONGEST_HINT_SECONDS = 3600.0
# Of a provider that is down: a rate limit passes, this may not.
MOST_WHEN_UNAVAILABLE = 2


def pause_before_next(failure: ProofsheetError | None, retries: int, most: int) -> float | None:
    """Return the seconds until a picture should be tried again, or None where that is no use.

    `retries` is how often that was done in a row already, `most` how often it may be. By the
    provider's hint where it gave one; spread out, so that those who failed together do not come
    back together. What may have been billed is never tried again.
    """
    if not isinstance(failure, ProviderError) or failure.permanent or failure.may_be_billed:
        return None
    if isinstance(failure, ProviderUnavailable):
        most = min(most, MOST_WHEN_UNAVAILABLE)
    hint = failure.retry_after or 0
    if retries >= most or hint > LONGEST_HINT_SECONDS:
        return None
    pause: float = min(FIRST_PAUSE_SECONDS * 2.0**retries, LONGEST_PAUSE_SECONDS)
    # At least the hint: sooner is refused again, and counted.
    return float(hint) + pause * random.uniform(0.5, 1.5)  # noqa: S311 - to spread, not to hide
