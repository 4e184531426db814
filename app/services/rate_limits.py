"""How often a key may ask, and an address be wrong about keys, in a minute.

Counted in the memory of one server process: with N of them, up to N times as much gets through.
"""

from __future__ import annotations

import ipaddress
import math
import time
from functools import cached_property
from typing import TYPE_CHECKING

from app.errors import Allowance, TooManyRequests
from app.services.keys import KeyHolder

if TYPE_CHECKING:
    from app.services.counts import Counts
    from config import Settings

MINUTE = 60
# Who guesses at keys may have more addresses than we have memory: past this many within a minute,
# those that come anew are counted as one.
MOST_COUNTED = 10_000
OTHERS = "others"
IPV6_NETWORK = 64  # the bits that one subscriber is given; the rest is theirs to choose


class RateLimits:
    """The limits of one app, and what was counted towards them."""

    def __init__(self, settings: Settings) -> None:
        """Take the limits from `settings`; counting begins with the first request."""
        self._requests = settings.requests_per_minute
        self._wrong_keys = settings.wrong_keys_per_minute

    def count_request(self, holder: KeyHolder) -> Allowance | None:
        """Count one request of a key; return what is left to it, or None where there is no limit.

        Raises TooManyRequests.
        """
        most = holder.requests_per_minute or self._requests
        if most is None:
            return None
        return _count(self._by_key, "requests", str(holder.id), most)

    def count_wrong_key(self, address: str | None) -> Allowance | None:
        """Count one request with a key that is none, by where it came from; return as above.

        Raises TooManyRequests. Who has a key is not asked here, and so never held up by what others
        behind the same address do.
        """
        if self._wrong_keys is None:
            return None
        counts = self._by_network
        network = network_of(address or "") if counts.has_room() else OTHERS
        return _count(counts, "wrong-keys", network, self._wrong_keys)

    @cached_property
    def _by_key(self) -> Counts:
        from app.services.counts import Counts  # with `limits`, which commands do without

        return Counts(MOST_COUNTED)

    @cached_property
    def _by_network(self) -> Counts:
        from app.services.counts import Counts  # as above

        return Counts(MOST_COUNTED)


def network_of(address: str) -> str:
    """Return what an address is counted as: itself, or the network that an IPv6 address is part of."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed), IPV6_NETWORK), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def _count(counts: Counts, policy: str, who: str, most: int) -> Allowance:
    within, remaining, until = counts.count(who, most)
    # The minute may have ended since.
    seconds = min(max(math.ceil(until - time.time()), 1), MINUTE)
    allowance = Allowance(policy, most, remaining, seconds)
    if within:
        return allowance
    raise TooManyRequests(
        f"{most:,} {policy.replace('-', ' ')} a minute are the most. Go on in {seconds} s.",
        allowance=allowance,
    )
