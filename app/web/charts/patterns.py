"""Colours told apart by patterns too, for those who see few colours, and for paper (pure)."""

from __future__ import annotations

from markupsafe import Markup

# So many kinds are told apart in one chart; what is more is one of its own.
MARKS = 5
# By mark: what is drawn into a square of six; nothing is drawn on the first.
_HATCHES = {
    1: "M-1 1L1-1M0 6L6 0M5 7L7 5",
    2: "M3 2.2v1.6M0 5.2v1.6M6 5.2v1.6M0-.8V.8M6-.8V.8",
    3: "M-1 5L1 7M0 0L6 6M5-1L7 1",
    4: "M0 3H6",
    5: "M3 0V6",
}

_PATTERN = Markup(
    '<pattern id="mark-{}" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect class="s{}" width="6" height="6"/><path class="hatch" d="{}"/></pattern>'
)
_SVG = Markup(
    '<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">'
    "<defs>{}</defs></svg>"
)
_SQUARE = Markup(
    '<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false">'
    '<rect {} width="12" height="12" rx="3"/></svg>'
)
_STROKE = Markup(
    '<svg class="swatch stroke" viewBox="0 0 24 12" aria-hidden="true" focusable="false">'
    '<path class="line l{}" d="M0 6H24"/></svg>'
)


def patterns() -> Markup:
    """Return what bars of a page are filled with, to be there once."""
    each = [_PATTERN.format(mark, mark, hatch) for mark, hatch in _HATCHES.items()]
    return _SVG.format(Markup("").join(each))


def filled(mark: int) -> Markup:
    """Return the attributes that fill a shape with a mark's colour and pattern."""
    if mark not in _HATCHES:
        return Markup('class="fill s{}"').format(mark)
    # An attribute: in a stylesheet the address would be one of the stylesheet.
    return Markup('class="fill" fill="url(#mark-{})"').format(mark)


def swatch(mark: int, *, line: bool = False) -> Markup:
    """Return the sign of a mark for a legend."""
    return _STROKE.format(mark) if line else _SQUARE.format(filled(mark))
