"""What a regular task is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from config import Settings

# A step holds locks; so that others get their turn, a pause as long follows, up to this.
LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done every so often.

    `what` names what is removed, in the plural. `steps` does it: each step is a short transaction
    that it commits, and yields how many that were. `count` tells how many there are to do now.
    """

    name: str
    every: timedelta
    what: str
    steps: Callable[[], Iterator[int]]
    count: Callable[[], int]
    wanted: Callable[[Settings], bool] = lambda _: True

    def run(self, seconds: float) -> tuple[int, bool]:
        """Do it, for so long at the most; return how many were removed and whether all were."""
        until = time.monotonic() + seconds
        removed = 0
        steps = self.steps()
        while True:
            begun = time.monotonic()
            step = next(steps, None)
            if step is None:
                return removed, True
            removed += step
            now = time.monotonic()
            if now > until:
                return removed, False
            time.sleep(min(now - begun, LONGEST_PAUSE_SECONDS))
