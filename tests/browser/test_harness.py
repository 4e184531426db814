"""The harness itself: it sees what it is there to see."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import Visit
from tests.browser.faults import Faults
from tests.site import Site

WRONG = {
    "<script>alert(1)</script>": "script-src",
    '<p style="color: red">': "style-src",
    '<img src="//nowhere.invalid/x.png" alt="">': "img-src",
    '<img src="/broken" alt="">': "answer 500",
    '<img src="/nothing" alt="">': "status of 404",
}


def show(app: Flask, html: str) -> None:
    """Add a page of this HTML to an app, at /shown."""
    page = f'<!doctype html><html lang="en"><title>Shown</title><main><h1>Shown</h1>{html}</html>'
    policy = {"Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'"}
    app.add_url_rule("/shown", "shown", lambda: (page, policy))
    app.add_url_rule("/broken", "broken", lambda: ("", 500))
    app.add_url_rule("/favicon.ico", "icon", lambda: "")


@pytest.mark.parametrize("html", WRONG)
def test_what_goes_wrong_in_a_page_is_seen(
    site: Site, visit: Visit, faults: Faults, html: str
) -> None:
    show(site.app, html)
    visit("/shown", role=None)
    with pytest.raises(AssertionError, match=WRONG[html]):
        faults.check()
    faults.told.clear()


def test_a_request_to_another_address_is_seen(site: Site, visit: Visit, faults: Faults) -> None:
    show(site.app, "")
    page = visit("/shown", role=None)
    faults.check()
    page.goto(f"{site.url.replace('127.0.0.1', 'localhost')}/shown")
    faults.expect("another address: http://localhost")


def test_a_page_that_is_too_wide_or_hard_to_use_is_told(site: Site, visit: Visit) -> None:
    show(site.app, '<svg width="400" height="9"></svg><input>')
    page = visit("/shown", role=None)
    with pytest.raises(AssertionError, match="svg"):
        check_width(page)
    with pytest.raises(AssertionError, match="label"):
        check_axe(page)
