"""Words that mean more to a machine than to people, in a browser: no script of theirs runs.

tests/web holds every page to showing them as words; here is what scripts of ours make of them.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.checks import check_width
from tests.browser.conftest import Visit
from tests.fakes.providers import install
from tests.site import Site
from tests.web.hostile import TEXTS, bring_all

SCRIPT = TEXTS["the end of a field"]
RUN = """
[document.querySelectorAll("img[src='x'], svg[onload]").length, window.alerted ?? null]
"""


def calm(page: Page) -> None:
    """Look that nothing has become of the words but words."""
    assert page.evaluate(RUN) == [0, None]
    check_width(page)


def test_nothing_runs_on_any_way_through_the_pages(visit: Visit, site: Site) -> None:
    bound = bring_all(site.app)
    page = visit("/login", role="admin", device="phone")
    page.add_init_script("window.alert = () => { window.alerted = true; }")
    last = bound[-2]
    for path in ("/", "/reports/prompts", "/shares", "/settings/keys", "/templates"):
        page.goto(path)
        calm(page)
    for values in bound:
        page.goto(f"/images/{values['image_id']}")
        calm(page)
    page.goto(f"/s/{last['token']}")
    calm(page)


def test_what_is_typed_and_completed_stays_words(visit: Visit, site: Site) -> None:
    bring_all(site.app)
    install(site.app)
    page = visit("/", role="creator")
    page.get_by_role("searchbox").fill(SCRIPT)
    expect(page).to_have_url(re.compile("q="))
    calm(page)
    page.goto("/")
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill(SCRIPT)
    prompt.press("Control+Enter")
    expect(page.locator("#grid .tile img").first).to_have_attribute("alt", SCRIPT)
    calm(page)
