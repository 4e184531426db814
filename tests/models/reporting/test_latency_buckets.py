"""Percentiles from buckets: within the error that is promised."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from app.models.reporting.latency_buckets import (
    ERROR,
    bucket_of,
    milliseconds_of,
    packed,
    percentile,
    unpacked,
)


def test_a_bucket_stands_for_its_durations_within_the_error() -> None:
    for milliseconds in [*range(1, 3_000), *range(3_000, 10_000_000, 7_919)]:
        told = milliseconds_of(bucket_of(milliseconds))
        assert abs(told - milliseconds) <= milliseconds * (ERROR + 1e-9)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95, 0.99, 1.0])
def test_a_percentile_is_within_the_error_of_the_one_by_nearest_rank(share: float) -> None:
    chance = random.Random(3)  # noqa: S311 - the same each time
    for size in (1, 2, 7, 100, 5_000):
        times = sorted(int(chance.lognormvariate(9, 1)) + 1 for _ in range(size))
        exact = times[max(math.ceil(share * size), 1) - 1]
        told = percentile(Counter(map(bucket_of, times)), share)
        assert told is not None
        assert abs(told - exact) <= exact * (ERROR + 1e-9)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({3: 0}, 0.5) is None


def test_what_took_no_time_is_in_the_first_bucket() -> None:
    assert bucket_of(0) == bucket_of(0.3) == bucket_of(1) == 0


def test_what_is_kept_of_durations_is_what_there_was() -> None:
    counts = {bucket_of(7): 3, bucket_of(70_000): 2**31, bucket_of(10**9): 1, 5: 0}
    assert dict(unpacked(packed(counts))) == {bucket: n for bucket, n in counts.items() if n}
    assert packed({}) is packed({4: 0}) is None
    assert list(unpacked(None)) == []
