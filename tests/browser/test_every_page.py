"""Each page at both widths and in both schemes, with scripts and without: nothing goes wrong, it is easy
to use, and it fits a narrow screen. The pages are those of the app's own map: a new one is among them.
Colours are the same at both widths, and so are looked at once in each scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.services.proof_sheets import NewSheet, make_sheet
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit
from tests.site import Site
from tests.web.conftest import OURS, logged_in
from tests.web.walk import routes

# Pages that look otherwise with what their address asks for; few tiles, which take most of the time.
MORE = (
    *(
        "/?reuse=1&q=nowhere",
        "/?remix=1&favourite=true&tag=print",
        "/?template=poster&deleted=only",
    ),
    *("/login", "/images/3", "/compare?ids=61,60,58,3"),
)
HEADINGS = "['h1', 'main, [role=main]'].map((each) => document.querySelectorAll(each).length)"


def pages(site: Site) -> list[str]:
    """Return the address of every page, as an admin sees it; parts of pages are none."""
    client = logged_in(site.app, site.key("admin"))
    found = {path: client.get(path, headers=OURS) for path in addresses(site.app)}
    return [
        path
        for path, answer in found.items()
        if answer.status_code == 200 and answer.data.startswith(b"<!doctype html>")
    ]


def addresses(app: Flask) -> Iterator[str]:
    with app.app_context():
        sheet_id, token = make_sheet(NewSheet("For Ada", [1, 2, 4], prompts=True))
    values = {"image_id": 61, "name": "poster", "key_id": 1, "sheet_id": sheet_id, "token": token}
    yield from (path for method, path in routes(app, "web.", values=values) if method == "GET")
    yield from MORE


@pytest.mark.parametrize("device", DEVICES)
def test_every_page_is_easy_to_use_in_both_schemes_and_fits_320_pixels(
    visit: Visit, site: Site, device: str
) -> None:
    page = visit("/login", role="admin", device=device)
    paths = pages(site)
    assert len(paths) > len(MORE)
    schemes = ("light", "dark") if device == "desktop" else ("dark",)
    checks = has_a_heading, partial(check_axe, schemes=schemes), check_width
    faults = [fault for path in paths for fault in checked(page, path, *checks)]
    assert not faults, "\n\n".join(faults)


def checked(page: Page, path: str, *checks: Callable[[Page], None]) -> Iterator[str]:
    """Yield what is wrong with a page. Its scripts have run then; its pictures may be under way."""
    page.goto(path, wait_until="domcontentloaded")
    for check in checks:
        try:
            check(page)
        except AssertionError as error:
            yield f"{path}: {error}"


def has_a_heading(page: Page) -> None:
    assert page.evaluate(HEADINGS) == [1, 1]


def test_every_page_is_there_without_scripts(visit: Visit, site: Site) -> None:
    page = visit("/login", role="admin", device="phone", javascript=False)
    checks = has_a_heading, check_width
    faults = [fault for path in pages(site) for fault in checked(page, path, *checks)]
    assert not faults, "\n\n".join(faults)
