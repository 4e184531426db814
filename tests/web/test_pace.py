"""When pages look at the queue again."""

from __future__ import annotations

import pytest

from app.web.pace import MOST_A_SECOND, WHILE_ACTIVE, WHILE_IDLE, Pace


@pytest.mark.parametrize(("active", "pause"), [(True, WHILE_ACTIVE), (False, WHILE_IDLE)])
def test_a_few_pages_look_as_often_as_they_like(active: bool, pause: float) -> None:
    pace = Pace()
    pauses = [pace.pause(active=active) for _ in range(3)]
    assert pauses[0] == pytest.approx(pause, abs=0.001)
    assert max(pauses) < pause + 0.2


def test_many_pages_wait_for_their_turn() -> None:
    pace = Pace()
    pauses = [pace.pause(active=True) for _ in range(100)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pytest.approx(WHILE_ACTIVE + 99 / MOST_A_SECOND, abs=0.5)


def test_who_waits_while_nothing_goes_on_does_not_hold_up_others() -> None:
    pace = Pace()
    for _ in range(100):
        pace.pause(active=False)
    assert pace.pause(active=True) == pytest.approx(WHILE_ACTIVE, abs=0.001)
