"""What is counted for metrics in the database, since those who draw and those who tell are processes of
their own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from flask import current_app

from app.models import tally
from app.models.tally import Key

if TYPE_CHECKING:
    from app.services.endings import Ended
    from app.services.provider_choice import ProviderChoice

# Names of counts: by outcome, by code, of all; money in millionths of a US dollar.
GENERATIONS = "generations"
ERRORS = "errors"
IMAGES = "images"
COST = "cost"
CALL_ERRORS = "call_errors"
# And of durations, each with the upper bounds of its buckets in seconds.
QUEUE = "queue"
RUN = "run"
CALL = "call"
_DRAWING = (0.1, 0.5, 1.0, 2.5, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
BOUNDS = {
    QUEUE: (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0),
    RUN: (*_DRAWING, 900.0, 3600.0),
    CALL: _DRAWING,
}
BEYOND = "+Inf"
# What a model is called that the catalog does not know: names that anybody can make up would be
# counted without end.
OTHER_MODEL = "other"


class Sums(dict[Key, tuple[int, float]]):
    """Counts that are to be added."""

    def count(self, name: str, provider: str, model: str, label: str = "", number: int = 1) -> None:
        """Count something `number` times."""
        self._add(Key(name, provider, _known(model), label), number, 0.0)

    def time(self, name: str, provider: str, model: str, seconds: float) -> None:
        """Count one duration. Clocks of two machines may differ: none is below 0."""
        seconds = max(seconds, 0.0)
        at = bisect_left(BOUNDS[name], seconds)
        label = f"{BOUNDS[name][at]:g}" if at < len(BOUNDS[name]) else BEYOND
        self._add(Key(name, provider, _known(model), label), 1, seconds)

    def add_all(self, others: Mapping[Key, tuple[int, float]]) -> None:
        """Count all that others have counted."""
        for key, (number, seconds) in others.items():
            self._add(key, number, seconds)

    def _add(self, key: Key, number: int, seconds: float) -> None:
        before = self.get(key, (0, 0.0))
        self[key] = before[0] + number, before[1] + seconds


def count_ended(ended: Iterable[Ended]) -> None:
    """Count generations that end within the present transaction; call it last before the commit."""
    sums = Sums()
    for each in ended:
        sums.count(GENERATIONS, each.provider, each.model, each.status.value)
        sums.count(IMAGES, each.provider, each.model, number=each.images)
        sums.count(COST, each.provider, each.model, number=each.cost_microusd or 0)
        if each.error_code:
            sums.count(ERRORS, each.provider, each.model, each.error_code)
        if each.started_at:
            queued = (each.started_at - each.created_at).total_seconds()
            sums.time(QUEUE, each.provider, each.model, queued)
            ran = (each.finished_at - each.started_at).total_seconds()
            sums.time(RUN, each.provider, each.model, ran)
    tally.add(sums)


def _known(model: str) -> str:
    providers = cast("ProviderChoice", current_app.extensions["providers"])
    return OTHER_MODEL if providers.catalog.get(model) is None else model
