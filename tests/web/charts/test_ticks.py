"""Where an axis has its lines."""

from __future__ import annotations

import math

import pytest

from app.web.charts.ticks import ROUND, ticks


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        (1_853, [0, 500, 1_000, 1_500, 2_000]),
        (0.07, [0, 0.02, 0.04, 0.06, 0.08]),
        (4, [0, 1, 2, 3, 4]),
        (100, [0, 25, 50, 75, 100]),
        (0, [0, 1]),
        (-3, [0, 1]),
        (math.inf, [0, 1]),
    ],
)
def test_lines_are_at_round_numbers(top: float, expected: list[float]) -> None:
    assert ticks(top) == expected


@pytest.mark.parametrize("top", [1e-6, 0.3, 0.7, 1, 3, 9.99, 10, 10.01, 57, 123_456, 7e12])
def test_the_last_line_is_above_all_and_there_are_few(top: float) -> None:
    found = ticks(top)
    assert found[-1] >= top * (1 - 1e-9)
    assert found[-2] < top
    assert 2 <= len(found) <= 5
    power = 10 ** math.floor(math.log10(found[1]))
    assert any(math.isclose(found[1] / power, each) for each in ROUND)


@pytest.mark.parametrize("top", [1, 2, 3, 7])
def test_what_is_counted_has_no_fractions(top: float) -> None:
    assert all(each.is_integer() for each in map(float, ticks(top, whole=True)))
