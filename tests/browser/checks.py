"""What holds for any page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What the width of a page is held against: a small phone, or a desktop at 400 %.
NARROW = 320
_axe = Axe()


def check_axe(page: Page, schemes: tuple[str, ...] = ("light", "dark")) -> None:
    """Fail where axe finds a page hard to use, in the schemes given."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = _axe.run(page)
        assert not found.violations_count, f"{page.url}, {scheme}:\n{found.generate_report()}"


def check_width(page: Page, width: int = NARROW) -> None:
    """Fail where a page of `width` pixels scrolls sideways; the page has its own size again then."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 700})
    wide = page.evaluate(WIDER)
    has = page.evaluate("document.scrollingElement.scrollWidth")
    if before:
        page.set_viewport_size(before)
    assert has <= width, f"{page.url} is {has} px wide at {width}: {wide}"


# Which elements stand out on the right.
WIDER = """
[...document.body.querySelectorAll("*")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 8)
  .map((each) => `${each.tagName.toLowerCase()}.${each.className}#${each.id}`)
"""
