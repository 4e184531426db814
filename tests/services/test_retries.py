"""Which failures are tried again, and when."""

from __future__ import annotations

import pytest

from app.errors import ProofsheetError, ProviderNotConfigured
from app.providers import base
from app.services.retries import pause_before_next


@pytest.mark.parametrize(
    "failure",
    [
        None,
        ProviderNotConfigured("No key."),
        base.QuotaExhausted("Used up."),
        base.ContentBlocked("No."),
        base.ProviderTimeout("Slow.", may_be_billed=True),
        base.ProviderFailed("Broke."),
        base.RateLimited("Later.", may_be_billed=True),
        base.RateLimited("Next week.", retry_after=604_800),
    ],
)
def test_what_would_fail_again_or_may_be_billed_is_not_tried_again(
    failure: ProofsheetError | None,
) -> None:
    assert pause_before_next(failure, {}, most=8) is None


@pytest.mark.parametrize("retries", [0, 1, 5, 50, 5000])
def test_the_pauses_grow_to_a_limit_and_are_spread(retries: int) -> None:
    retried = {"rate_limited": retries}
    pauses = {pause_before_next(base.RateLimited("Later."), retried, most=8) for _ in range(50)}
    middle = min(2 * 2**retries, 120)
    assert all(pause and middle * 0.5 <= pause <= middle * 1.5 for pause in pauses)
    assert len(pauses) > 10


def test_the_providers_hint_is_the_least() -> None:
    for _ in range(50):
        pause = pause_before_next(base.RateLimited("Later.", retry_after=17), {}, most=8)
        assert pause is not None
        assert 17 < pause <= 20


@pytest.mark.parametrize(
    ("failure", "kind", "most"),
    [
        (base.ProviderUnreachable("No way."), "unreachable", 8),
        (base.ProviderUnavailable("Down."), "provider_unavailable", 2),
    ],
)
def test_it_ends_after_some_tries(failure: base.ProviderError, kind: str, most: int) -> None:
    others = {"rate_limited": 99, "unreachable": 0, "provider_unavailable": 0}
    assert pause_before_next(failure, {**others, kind: most - 1}, most=8) is not None
    assert pause_before_next(failure, {**others, kind: most}, most=8) is None
    assert pause_before_next(failure, {}, most=0) is None


@pytest.mark.parametrize("most", [1, 8])
def test_who_is_asked_too_often_is_asked_until_the_time_is_over(most: int) -> None:
    failure, retried = base.RateLimited("Later.", retry_after=10), {"rate_limited": 99}
    assert pause_before_next(failure, retried, most) is not None
    assert pause_before_next(failure, retried, most, seconds_left=1000) is not None
    assert pause_before_next(failure, retried, most, seconds_left=60) is None
    assert pause_before_next(failure, retried, most, seconds_left=-1) is None


def test_none_may_be_asked_for() -> None:
    assert pause_before_next(base.RateLimited("Later."), {}, most=0) is None
