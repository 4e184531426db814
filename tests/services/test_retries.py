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
        base.RateLimited("Tomorrow.", retry_after=86_400),
    ],
)
def test_what_would_fail_again_or_may_be_billed_is_not_tried_again(
    failure: ProofsheetError | None,
) -> None:
    assert pause_before_next(failure, retries=0, most=8) is None


@pytest.mark.parametrize("retries", [0, 1, 5, 50])
def test_the_pauses_grow_to_a_limit_and_are_spread(retries: int) -> None:
    pauses = {pause_before_next(base.RateLimited("Later."), retries, most=99) for _ in range(50)}
    middle = min(2 * 2**retries, 120)
    assert all(pause and middle * 0.5 <= pause <= middle * 1.5 for pause in pauses)
    assert len(pauses) > 10


def test_the_providers_hint_is_the_least() -> None:
    for _ in range(50):
        pause = pause_before_next(base.RateLimited("Later.", retry_after=17), 0, most=8)
        assert pause is not None
        assert 17 < pause <= 20


@pytest.mark.parametrize(
    ("failure", "most"), [(base.RateLimited("Later."), 8), (base.ProviderUnavailable("Down."), 2)]
)
def test_it_ends_after_some_tries(failure: base.ProviderError, most: int) -> None:
    assert pause_before_next(failure, most - 1, most=8) is not None
    assert pause_before_next(failure, most, most=8) is None


def test_none_may_be_asked_for() -> None:
    assert pause_before_next(base.RateLimited("Later."), 0, most=0) is None
