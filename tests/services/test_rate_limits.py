"""How often a key may ask, and an address be wrong about keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import Allowance, TooManyRequests
from app.models import Role
from app.services import counts, rate_limits
from app.services.counts import Counts
from app.services.keys import KeyHolder
from app.services.rate_limits import RateLimits, network_of
from config import Settings

ADA = KeyHolder(1, "Ada", Role.VIEWER)
GRACE = KeyHolder(2, "Grace", Role.VIEWER)


class Clock:
    """A clock that is set by hand, in place of the module `time`."""

    now = 1_000_000.0

    def time(self) -> float:
        """Return the time in seconds since 1970."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The clock that all counting goes by."""
    from limits.storage import memory

    clock = Clock()
    for module in (memory, counts, rate_limits):
        monkeypatch.setattr(module, "time", clock)
    return clock


def limits(**settings: int | None) -> RateLimits:
    return RateLimits(Settings.model_validate(settings))


def passed(ask: object, times: int) -> int:
    """Ask so often, and return how often it was let through."""
    through = 0
    for _ in range(times):
        try:
            ask()  # type: ignore[operator]
        except TooManyRequests:
            continue
        through += 1
    return through


def test_a_key_is_told_what_is_left_and_refused_when_nothing_is(clock: Clock) -> None:
    three = limits(requests_per_minute=3)
    left = [three.count_request(ADA) for _ in range(3)]
    assert left == [Allowance("requests", 3, n, 60) for n in (2, 1, 0)]
    clock.now += 19.5
    with pytest.raises(TooManyRequests, match="3 requests a minute are the most") as caught:
        three.count_request(ADA)
    assert caught.value.allowance == Allowance("requests", 3, 0, 41)
    assert caught.value.retry_after == 41


def test_a_key_goes_on_when_its_minute_is_over(clock: Clock) -> None:
    three = limits(requests_per_minute=3)
    assert passed(lambda: three.count_request(ADA), 9) == 3
    clock.now += 59.9
    assert passed(lambda: three.count_request(ADA), 9) == 0
    clock.now += 0.1
    assert passed(lambda: three.count_request(ADA), 9) == 3


def test_a_refused_key_is_not_held_up_longer_by_asking_on(clock: Clock) -> None:
    three = limits(requests_per_minute=3)
    for _ in range(6):
        passed(lambda: three.count_request(ADA), 10)
        clock.now += 10
    assert passed(lambda: three.count_request(ADA), 1) == 1


def test_each_key_is_counted_by_itself() -> None:
    three = limits(requests_per_minute=3)
    assert passed(lambda: three.count_request(ADA), 9) == 3
    assert passed(lambda: three.count_request(GRACE), 9) == 3


@pytest.mark.parametrize(
    ("setting", "own", "through"),
    [(3, None, 3), (3, 5, 5), (5, 3, 3), (None, 3, 3), (None, None, 9)],
)
def test_a_limit_of_its_own_goes_before_the_setting(
    setting: int | None, own: int | None, through: int
) -> None:
    holder = KeyHolder(1, "Ada", Role.VIEWER, own)
    limited = limits(requests_per_minute=setting)
    assert passed(lambda: limited.count_request(holder), 9) == through


def test_nobody_is_let_through_twice_by_asking_at_once() -> None:
    hundred = limits(requests_per_minute=100)
    with ThreadPoolExecutor(8) as pool:
        each = list(pool.map(lambda _: passed(lambda: hundred.count_request(ADA), 50), range(8)))
    assert sum(each) == 100


def test_wrong_keys_are_counted_by_where_they_come_from() -> None:
    three = limits(wrong_keys_per_minute=3)
    assert passed(lambda: three.count_wrong_key("203.0.113.7"), 9) == 3
    assert passed(lambda: three.count_wrong_key("203.0.113.8"), 9) == 3
    assert passed(lambda: three.count_request(ADA), 9) == 9


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("x" * 1000, "unknown"),
    ],
)
def test_an_ipv6_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_who_comes_from_ever_new_addresses_is_counted_as_one(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MOST_COUNTED", 5)
    three = limits(wrong_keys_per_minute=3)
    addresses = iter(f"203.0.113.{number}" for number in range(100))
    assert passed(lambda: three.count_wrong_key(next(addresses)), 50) == 5 + 3
    clock.now += 60
    assert passed(lambda: three.count_wrong_key(next(addresses)), 50) == 5 + 3


def test_memory_is_given_back_when_it_is_needed(clock: Clock) -> None:
    some = Counts(most_counted=3)
    for name in "abc":
        assert some.has_room()
        some.count(name, 9)
        clock.now += 10
    assert not some.has_room()
    clock.now += 30  # the minute of the first is over
    assert some.has_room()
    assert some.count("c", 9)[1] == 7


def test_counting_starts_no_thread() -> None:
    some = Counts(most_counted=3)
    before = set(threading.enumerate())
    for _ in range(3):
        some.count("a", 9)
    assert set(threading.enumerate()) <= before
