"""Charts without axes: a line in a tile, and a bar beside a name (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from app.web.charts.frame import Size, n
from app.web.charts.lines import runs
from app.web.charts.patterns import filled

WIDTH = 100
HEIGHT = 24
LEAST = 0.5  # of a bar that is there

_SPARK = Markup(
    '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
    '<path d="{}"/></svg>'
)
_METER = Markup(
    '<svg class="meter" viewBox="0 0 {} 6" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
)
# Without its pattern, which would be stretched: the name is beside it.
_FULL = Markup('<rect class="s{}" width="{}" height="6"/>')
_PARTS = Markup(
    '<svg class="chart parts {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
)
_PART = Markup('<rect {} x="{}" width="{}" height="{}"><title>{}</title></rect>')


def spark(values: Sequence[float | None]) -> Markup:
    """Return a line that says how values went, beside the number that they come to.

    One value is a level line, and so are values that are all the same; gaps stay gaps.
    """
    top = max((each for each in values if each is not None), default=0) or 1
    step = WIDTH / max(1, len(values) - 1)
    path = ""
    for run in runs(values):
        heights = [n(HEIGHT - 2 - (HEIGHT - 4) * (values[index] or 0) / top) for index in run]
        # A point alone gets the room to its neighbour; else it would not be seen.
        places = [*run, run[-1] + 1] if len(run) == 1 else [*run]
        heights = heights * len(places) if len(run) == 1 else heights
        pairs = zip(places, heights, strict=True)
        path += "M" + "L".join(f"{n(min(x * step, WIDTH))} {y}" for x, y in pairs)
    return _SPARK.format(WIDTH, HEIGHT, path)


def meter(part: float, whole: float, mark: int = 0) -> Markup:
    """Return a bar as long as a part is of a whole, never longer; it says nothing by itself."""
    width = min(WIDTH, WIDTH * part / whole) if whole > 0 else 0
    full = _FULL.format(mark, n(max(width, LEAST))) if width > 0 else Markup("")
    return _METER.format(WIDTH, full)


def parts(values: Sequence[tuple[str, float]], gist: str, size: Size) -> Markup:
    """Return one bar of named parts beside each other, marked in order; each has its name as a tip."""
    whole, at, drawn = sum(value for _, value in values), 0.0, Markup("")
    for mark, (name, value) in enumerate(values):
        width = size.width * value / whole if whole else 0
        if width:
            drawn += _PART.format(filled(mark), n(at), n(max(width, LEAST)), HEIGHT, name)
        at += width
    return _PARTS.format(size.name, size.width, HEIGHT, gist, drawn)
