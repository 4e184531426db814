"""Which failures pass by themselves, and when to try again."""

from __future__ import annotations

import random
from collections.abc import Mapping

from app.errors import ProofsheetError
from app.providers.base import (
    ProviderError,
    ProviderUnavailable,
    ProviderUnreachable,
    RateLimited,
)

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 120.0
# So often it doubles at most; to the power of thousands is no number any more.
MOST_DOUBLINGS = 16
# A provider that asks for more than a day is better asked again by a person.
LONGEST_HINT_SECONDS = 26 * 3600.0
# Of a provider that is overloaded: a rate limit passes, this may not.
MOST_WHEN_OVERLOADED = 2


def kind_of(failure: ProofsheetError) -> str:
    """Return the name by which failures of one kind are counted."""
    return "unreachable" if isinstance(failure, ProviderUnreachable) else failure.code


def pause_before_next(
    failure: ProofsheetError | None,
    retried: Mapping[str, int],
    most: int,
    seconds_left: float | None = None,
) -> float | None:
    """Return the seconds until a picture should be tried again, or None where that is no use.

    `retried` is how often that was done in a row already, by the kind of the failure. A provider that
    takes no more requests just now is asked again until `seconds_left` are over (None: as long as it
    takes), one that cannot be reached `most` times, one that is overloaded twice of those; where
    `most` is 0, nobody is. Each pause is longer; at least the provider's hint where it gave one; and
    spread out, so that those who failed together do not come back together. What may have been billed
    is never tried again.
    """
    if not isinstance(failure, ProviderError) or failure.permanent or failure.may_be_billed:
        return None
    hint = failure.retry_after or 0
    if hint > LONGEST_HINT_SECONDS or _is_tried_enough(failure, retried, most):
        return None
    doublings = min(sum(retried.values()), MOST_DOUBLINGS)
    middle = min(FIRST_PAUSE_SECONDS * 2.0**doublings, LONGEST_PAUSE_SECONDS)
    # At least the hint: sooner is refused again, and counted.
    pause = float(hint) + middle * random.uniform(0.5, 1.5)  # noqa: S311 - to spread, not to hide
    if isinstance(failure, RateLimited) and seconds_left is not None and pause > seconds_left:
        return None
    return pause


def _is_tried_enough(failure: ProviderError, retried: Mapping[str, int], most: int) -> bool:
    if most == 0:
        return True
    if isinstance(failure, RateLimited):
        return False
    if isinstance(failure, ProviderUnavailable) and not isinstance(failure, ProviderUnreachable):
        most = min(most, MOST_WHEN_OVERLOADED)
    return retried.get(kind_of(failure), 0) >= most
