"""Durations in buckets that grow, so that percentiles of any of their sums are known to 2.5% (pure).

The method is DDSketch's (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
relative-error guarantees", VLDB 2019): bucket i holds the durations in (g^(i-1), g^i], and stands for
2 g^i / (g + 1), which is at most ERROR away from any of them.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

ERROR = 0.025
_GROWTH = (1 + ERROR) / (1 - ERROR)
_LOG = math.log(_GROWTH)
# As it is kept: bucket and count, of two and four bytes, the lowest byte first; rising buckets.
_PAIR = struct.Struct("<HI")


def bucket_of(milliseconds: float) -> int:
    """Return the bucket of a duration; all below a millisecond share one."""
    return math.ceil(math.log(milliseconds) / _LOG) if milliseconds > 1 else 0


def milliseconds_of(bucket: int) -> float:
    """Return the duration that a bucket stands for."""
    return 2 * _GROWTH**bucket / (_GROWTH + 1)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the percentile in milliseconds of durations that are `{bucket: how many}`.

    The percentile by nearest rank: the smallest duration that at least that share, such as 0.95, is
    not longer than; None of nothing.
    """
    [found] = percentiles(counts, [share])
    return found


def percentiles(counts: Mapping[int, int], shares: Iterable[float]) -> list[float | None]:
    """Return the percentiles at some shares, likewise."""
    rising = sorted(bucket for bucket, count in counts.items() if count)
    up_to = list(accumulate(counts[bucket] for bucket in rising))
    if not rising:
        return [None for _ in shares]
    ranks = (max(math.ceil(share * up_to[-1]), 1) for share in shares)
    return [milliseconds_of(rising[bisect_left(up_to, rank)]) for rank in ranks]


def packed(counts: Mapping[int, int]) -> bytes | None:
    """Return `{bucket: how many}` as it is kept; None of nothing."""
    pairs = (_PAIR.pack(bucket, count) for bucket, count in sorted(counts.items()) if count > 0)
    return b"".join(pairs) or None


def unpacked(kept: bytes | None) -> Iterator[tuple[int, int]]:
    """Yield each bucket with how many there are, rising."""
    return _PAIR.iter_unpack(kept or b"")
