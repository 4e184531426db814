"""What a chart is drawn from (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.web.charts.numbers import Form, count

Values = Sequence[float | None]


class Label(NamedTuple):
    """What a place on the axis of time is called: there, and in a tip."""

    short: str
    full: str


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of what is shown: a value for each label; None where nothing is known.

    `mark` is the number of its colour and pattern.
    """

    name: str
    values: Values
    mark: int = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """All of a chart. `gist` is what it says in a sentence; `form` writes its numbers.

    `whole`: between its numbers are no fractions.
    """

    gist: str
    labels: Sequence[Label]
    series: Sequence[Series]
    form: Form = count
    axis: Form = count
    whole: bool = False

    def totals(self) -> list[float]:
        """Return for each label what all series come to."""
        return [sum(each or 0 for each in values) for values in self._columns()]

    def top(self) -> float:
        """Return the largest value of any series; 0 of none."""
        return max((each or 0 for one in self.series for each in one.values), default=0)

    def tip(self, index: int, *, total: bool) -> str:
        """Return what is told of one label: its name, what all come to, and each series that is there.

        Empty where nothing is.
        """
        there = [(each.name, value) for each in self.series if (value := each.values[index])]
        known = [one.values[index] for one in self.series if one.values[index] is not None]
        if not known or (total and not there):
            return ""
        name = self.labels[index].full
        if len(self.series) == 1:
            return f"{name}: {self.form(known[0] or 0)}"
        lines = [f"{each}: {self.form(value)}" for each, value in there]
        head = f"{name}: {self.form(sum(value for _, value in there))}" if total else name
        return "\n".join([head, *lines])

    def _columns(self) -> list[tuple[float | None, ...]]:
        # zip of no series would be no labels.
        return [tuple(s.values[i] for s in self.series) for i in range(len(self.labels))]


def largest(series: Sequence[Series], most: int, rest: str) -> list[Series]:
    """Return the series with the largest sums, marked in order, all others as one named `rest`.

    The largest comes first; those of the same sum stay in their order. One that would be alone in the
    rest is told by its own name.
    """
    ranked = sorted(series, key=lambda each: -_sum(each))
    if len(ranked) <= most + 1:
        return [Series(each.name, each.values, mark) for mark, each in enumerate(ranked)]
    kept = [Series(each.name, each.values, mark) for mark, each in enumerate(ranked[:most])]
    others = zip(*(each.values for each in ranked[most:]), strict=True)
    return [*kept, Series(rest, [sum(each or 0 for each in values) for values in others], most)]


def _sum(series: Series) -> float:
    return sum(each or 0 for each in series.values)
