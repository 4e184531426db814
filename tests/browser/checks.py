"""What holds for any page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# What the width of a page is held against: a small phone, or a desktop at 400 %.
NARROW = 320
# One day's tiles are like another's.
RUN = "(options) => axe.run({ exclude: ['.day ~ .day ~ .day'] }, options)"
ALL: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = {**ALL, "runOnly": ["color-contrast", "link-in-text-block"]}


def check_axe(page: Page, schemes: tuple[str, ...] = ("light", "dark")) -> None:
    """Fail where axe finds a page hard to use, in the schemes given: they differ by their colours."""
    page.evaluate(AXE_SCRIPT)
    for number, scheme in enumerate(schemes):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = AxeResults(page.evaluate(RUN, COLOURS if number else ALL))
        assert not found.violations_count, f"{page.url}, {scheme}:\n{found.generate_report()}"


def check_width(page: Page, width: int = NARROW) -> None:
    """Fail where a page of `width` pixels scrolls sideways; the page has its own size again then."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 700})
    has, wide = page.evaluate(WIDER)
    if before:
        page.set_viewport_size(before)
    assert has <= width, f"{page.url} is {has} px wide at {width}: {wide}"


# How wide it is, and which elements stand out on the right.
WIDER = """
[document.scrollingElement.scrollWidth,
  [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 8)
    .map((each) => `${each.tagName.toLowerCase()}.${each.className}#${each.id}`)]
"""
