"""Where an axis has its lines: at round numbers (pure)."""

from __future__ import annotations

import math

ROUND = (1, 2, 2.5, 5, 10)


def ticks(top: float, most: int = 4, *, whole: bool = False) -> list[float]:
    """Return round numbers from 0 on, the last of which is not below `top`; at most `most` steps.

    With `whole` there are no fractions between. Of nothing it is 0 and 1.
    """
    if top <= 0 or not math.isfinite(top):
        return [0, 1]
    step = _step(top / most)
    if whole:
        step = max(1, math.ceil(step))
    number = math.ceil(round(top / step, 9))
    # From the number and the step, so that no error of a fraction grows.
    return [float(f"{index * step:.12g}") for index in range(number + 1)]


def _step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(each * power for each in ROUND if each * power >= least * (1 - 1e-9))
