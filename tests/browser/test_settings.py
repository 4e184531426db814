"""Settings in a browser: the look of a device, keys that are shown once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.services.keys import authenticate
from tests.browser.conftest import DEVICES, Visit
from tests.site import Site

DARK = "dark"


def ground(page: Page) -> str:
    """Return the colour that the page is painted on."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def row(page: Page) -> str:
    """Return how high a row of pictures is to be."""
    return str(
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--row')")
    )


def test_a_theme_shows_at_once_and_stays_on_this_device(visit: Visit) -> None:
    page = visit("/settings", role="viewer")
    light, medium = ground(page), row(page)
    with page.expect_response("**/settings/look"):
        page.get_by_label("Theme").select_option(DARK)
    dark = ground(page)
    with page.expect_response("**/settings/look"):
        page.get_by_label("Pictures in rows").select_option("large")
    assert dark != light
    page.goto("/")
    assert (ground(page), row(page) != medium) == (dark, True)
    assert page.locator("meta[name=theme-color]").first.get_attribute("content") == "#0e0d13"


def test_without_scripts_a_theme_is_applied_by_a_button(visit: Visit) -> None:
    page = visit("/settings", javascript=False)
    page.get_by_label("Theme").select_option(DARK)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("html")).to_have_attribute("data-theme", DARK)
    expect(page.get_by_text("This device looks so from now on.")).to_be_visible()


@pytest.mark.parametrize("device", DEVICES)
def test_a_key_is_made_shown_once_copied_and_revoked(site: Site, visit: Visit, device: str) -> None:
    page = visit("/settings/keys", role="admin", device=device, permissions=["clipboard-write"])
    page.get_by_label("Name").fill("website")
    page.get_by_label("Role").select_option("viewer")
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_role("heading", name="The key website is made")).to_be_visible()
    token = page.get_by_label("The key").input_value()
    with site.app.app_context():
        assert authenticate(token)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("link", name="website", exact=True)).to_be_visible()
    assert token not in page.content()
    page.get_by_role("link", name="Revoke… website").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    with site.app.app_context():
        assert authenticate(token) is None


def test_without_scripts_the_same_and_a_login_link_opens_the_gallery(visit: Visit) -> None:
    page = visit("/settings/keys", role="admin", javascript=False)
    page.get_by_label("Name").fill("tablet")
    page.get_by_role("button", name="Create the key").click()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="tablet", exact=True).click()
    page.get_by_role("button", name="Make a login link").click()
    link = page.get_by_label("The link").input_value()
    tablet = visit(link[link.index("/login") :], role=None)
    expect(tablet).to_have_url(re.compile("/$"))
    tablet.goto("/settings")
    expect(tablet.get_by_text("tablet")).to_be_visible()


def test_browsers_offer_to_install_the_gallery(visit: Visit) -> None:
    page = visit("/")
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # As a test's browser is, which is nowhere offered anything to keep.
    assert [each["errorId"] for each in errors] == ["in-incognito"]


def test_an_example_for_other_programs_is_copied(visit: Visit) -> None:
    page = visit("/connect", permissions=["clipboard-read", "clipboard-write"])
    card = page.get_by_role("region", name="Google's client, in Python")
    expect(card).to_contain_text("/gemini")
    page.locator("section", has=card).get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == card.text_content()
