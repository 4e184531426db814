"""How fast a batch goes, and how long the rest may take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models import Batch, Status
from app.models.batch_progress import BatchProgress
from app.services.batch_view import BatchView

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def view(counts: dict[Status, int], began: timedelta | None = None, **progress: Any) -> BatchView:
    """Return a batch of ten generations with two pictures each, at noon, begun so long before."""
    found = BatchProgress(counts={**dict.fromkeys(Status, 0), **counts}, **progress)
    found.started_at = None if began is None else NOON - began
    return BatchView(Batch(total=10, pictures=20), found, NOON)


def test_one_that_was_not_begun() -> None:
    waiting = view({Status.QUEUED: 10})
    assert (waiting.status, waiting.finished_at) == ("queued", None)
    assert (waiting.pictures_per_minute, waiting.seconds_left) == (None, None)


@pytest.mark.parametrize(("began", "speed"), [(2 * MINUTE, 3.0), (60 * MINUTE, 1.2)])
def test_one_that_goes_on_is_as_fast_as_in_the_last_five_minutes(
    began: timedelta, speed: float
) -> None:
    counts = {Status.QUEUED: 5, Status.RUNNING: 1, Status.SUCCEEDED: 3, Status.FAILED: 1}
    going = view(counts, began, done=6, recent=6, last_end=NOON)
    assert (going.status, going.finished_at) == ("running", None)
    assert going.pictures_per_minute == pytest.approx(speed)
    assert going.seconds_left == pytest.approx(12 / speed * 60)


def test_one_that_stands_still_has_no_speed() -> None:
    counts = {Status.QUEUED: 5, Status.SUCCEEDED: 5}
    still = view(counts, 60 * MINUTE, done=10, last_end=NOON - 30 * MINUTE)
    assert (still.status, still.pictures_per_minute, still.seconds_left) == ("running", None, None)


def test_one_that_ended_is_as_fast_as_it_was() -> None:
    counts = {Status.SUCCEEDED: 9, Status.CANCELLED: 1}
    ended = view(counts, 70 * MINUTE, done=18, last_end=NOON - 10 * MINUTE)
    assert (ended.status, ended.finished_at) == ("ended", NOON - 10 * MINUTE)
    assert (ended.pictures_per_minute, ended.seconds_left) == (pytest.approx(0.3), None)


def test_one_that_was_cancelled_before_it_began() -> None:
    ended = view({Status.CANCELLED: 10}, last_end=NOON)
    assert (ended.status, ended.finished_at, ended.pictures_per_minute) == ("ended", NOON, None)
