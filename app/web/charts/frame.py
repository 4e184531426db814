"""What charts over time have in common: their size, their axes, and what answers a pointer (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from app.web.charts.plot import Label, Plot
from app.web.charts.ticks import ticks

TOP = 10
BOTTOM = 24
RIGHT = 8
# A letter of the axes is about so wide, in units of the drawing.
LETTER = 6.6
GAP = 14
# So many labels go from one that is written to the next: midnight is among the hours.
STEPS = (1, 2, 3, 4, 6, 8, 12, 24, 48)

_SVG = Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
_LINE = Markup('<path class="rule" d="{}"/>')
_TICK = Markup('<text class="axis" x="{}" y="{}" text-anchor="end">{}</text>')
_LABEL = Markup('<text class="axis" x="{}" y="{}" text-anchor="{}">{}</text>')
_HIT = Markup('<rect class="hit" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>')


@dataclass(frozen=True, slots=True)
class Size:
    """How large a drawing is, in its own units, and the class that shows it where it fits."""

    name: str
    width: int
    height: int


WIDE = Size("broad", 1180, 260)
HALF = Size("medium", 600, 240)
NARROW = Size("narrow", 340, 210)


class Frame:
    """The place inside the axes of a plot, which reaches up to `top`."""

    def __init__(self, plot: Plot, size: Size, top: float, *, right: float = RIGHT) -> None:
        """Lay out a plot; `right` is left free beside it."""
        self.plot = plot
        self.size = size
        self.ticks = ticks(top, whole=plot.whole)
        self._names = [plot.axis(each) for each in self.ticks]
        self.left = round(max(map(len, self._names)) * LETTER) + 10
        self.right = size.width - right
        self.bottom = size.height - BOTTOM
        self.step = (self.right - self.left) / max(1, len(plot.labels))

    def y(self, value: float) -> float:
        """Return where a value lies, from above."""
        return TOP + (self.bottom - TOP) * (1 - value / self.ticks[-1])

    def x(self, index: int) -> float:
        """Return where a label's own place begins."""
        return self.left + self.step * index

    def middle(self, index: int) -> float:
        """Return the middle of a label's place."""
        return self.left + self.step * (index + 0.5)

    def draw(self, marks: Sequence[Markup], *, total: bool) -> Markup:
        """Return the whole drawing: axes, marks, and over them what has tips."""
        inner = Markup("").join([*self._axes(), *marks, *self._hits(total)])
        size = self.size
        return _SVG.format(size.name, size.width, size.height, self.plot.gist, inner)

    def _axes(self) -> Iterator[Markup]:
        lines = "".join(f"M{self.left} {n(self.y(each))}H{self.right}" for each in self.ticks)
        yield _LINE.format(lines)
        for each, name in zip(self.ticks, self._names, strict=True):
            yield _TICK.format(self.left - 7, n(self.y(each) + 4), name)
        yield from self._labels()

    def _labels(self) -> Iterator[Markup]:
        labels = self.plot.labels
        for index in shown(labels, self.step):
            middle = self.middle(index)
            half = len(labels[index].short) * LETTER / 2
            # The first and the last must not stand out of the drawing.
            place, anchor = middle, "middle"
            if middle + half > self.size.width:
                place, anchor = self.size.width, "end"
            elif middle - half < 0:
                place, anchor = 0, "start"
            yield _LABEL.format(n(place), self.size.height - 6, anchor, labels[index].short)

    def _hits(self, total: bool) -> Iterator[Markup]:
        height = self.bottom - TOP
        for index in range(len(self.plot.labels)):
            if tip := self.plot.tip(index, total=total):
                yield _HIT.format(n(self.x(index)), TOP, n(self.step), height, tip)


def shown(labels: Sequence[Label], step: float) -> range:
    """Return which labels are written, every so many, so that none stands in another."""
    widest = max((len(each.short) for each in labels), default=0) * LETTER + GAP
    apart = max(1, ceil(widest / step))
    return range(0, len(labels), next((each for each in STEPS if each >= apart), apart))


def n(value: float) -> str:
    """Return a place as short as it can be seen."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")
