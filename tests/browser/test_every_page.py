"""Each page at both widths and in both schemes: it works, is easy to use, and fits a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit

# Each with the role it is looked at with: the one that sees most of it.
PAGES = {
    "/": "admin",
    "/login": None,
    "/reports": "viewer",
    "/images/61": "creator",
    "/images/3": "viewer",
    "/compare?ids=61,60,58,3": "viewer",
    "/shares": "creator",
}


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_easy_to_use_in_both_schemes_and_fits_320_pixels(
    visit: Visit, path: str, device: str
) -> None:
    page = visit(path, role=PAGES[path], device=device)
    expect(page.locator("h1")).not_to_be_empty()
    check_axe(page)
    check_width(page)
