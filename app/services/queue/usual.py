"""How long a picture usually takes, by model: what one waits for is held against it."""

from __future__ import annotations

import time
from threading import Lock

from app.models.reporting.latency_buckets import percentile
from app.models.reporting.reading import Wanted, read_latencies
from app.models.reporting.sums import Wait
from app.models.types import utc_now
from app.services.reports.periods import quarter_at

# So long a past is told of, and so long what was read is good.
_DAYS = 7
_QUARTERS_A_DAY = 96
_KEPT_SECONDS = 60.0
_HALF = 0.5


class UsualTimes:
    """The medians of the last days, read from the sums of the reports once a minute."""

    def __init__(self) -> None:
        """Begin with none."""
        self._medians: dict[str, float] = {}
        self._until = 0.0
        self._lock = Lock()

    def seconds(self, model: str, pictures: int = 1) -> float | None:
        """Return how long so many pictures of a model usually take; None: it never drew here."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._medians = medians()
                self._until = time.monotonic() + _KEPT_SECONDS
            found = self._medians.get(model)
        return None if found is None else found * pictures


def medians() -> dict[str, float]:
    """Return the median of the provider's time for a picture in the last seven days, in seconds."""
    end = quarter_at(utc_now()) + 1
    wanted = Wanted(split=("model",))
    found = read_latencies(wanted, Wait.PROVIDER, [(end - _DAYS * _QUARTERS_A_DAY, end)])
    middles = {values[0]: percentile(counts, _HALF) for (_, values), counts in found.items()}
    return {model: middle / 1000 for model, middle in middles.items() if middle is not None}
