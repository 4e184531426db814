"""The pages of reports in a browser: tips, paper, phones, and without scripts."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import Visit
from tests.browser.faults import Faults

NAMES = ("models", "cost", "failures", "latency", "prompts", "storage", "compare")
# What the others are made of is on these.
LOOKED_AT = {"failures", "prompts", "compare"}


def chart(page: Page, title: str) -> Locator:
    """Return what can be pointed at of a card."""
    card = page.locator(".card", has=page.get_by_role("heading", name=title, exact=True))
    return card.locator(".charts")


def test_every_report_is_easy_to_use_and_fits_320_pixels(visit: Visit) -> None:
    page = visit("/reports", role="viewer", device="phone")
    expect(page.locator(".pictured").first).to_be_visible()
    for name in NAMES:
        page.goto(f"/reports/{name}")
        expect(page.get_by_role("link", name="Download as CSV")).to_be_visible()
        check_width(page)
        # What axe finds in dark it finds on the first page (test_every_page).
        if name in LOOKED_AT:
            check_axe(page, ("light",))


def test_tips_tell_numbers_by_the_pointer_and_by_keys(visit: Visit) -> None:
    page = visit("/reports?period=7d", role="viewer")
    images = chart(page, "Images by the day")
    tip = page.locator("#tip")
    images.locator(".broad .hit").last.hover()
    expect(tip).to_contain_text("20")
    page.get_by_role("heading", name="Reports").hover()
    expect(tip).to_be_hidden()
    images.focus()
    page.keyboard.press("Home")
    first = tip.text_content()
    page.keyboard.press("ArrowRight")
    expect(tip).not_to_have_text(first or "")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_another_period_and_filter_are_in_the_address(visit: Visit) -> None:
    page = visit("/reports/cost", role="viewer")
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url("/reports/cost?period=7d")
    page.get_by_text("Days, zone and filters").click()
    page.get_by_label("By the").select_option("week")
    page.get_by_label("Time zone").fill("Asia/Kolkata")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url("/reports/cost?period=7d&by=week&tz=Asia%2FKolkata&split=model")
    expect(page.get_by_role("heading", name="Cost by the week")).to_be_visible()


def test_on_a_phone_the_narrow_drawing_is_shown(visit: Visit) -> None:
    page = visit("/reports", role="viewer", device="phone")
    images = chart(page, "Images by the day")
    expect(images.locator(".narrow")).to_be_visible()
    expect(images.locator(".broad")).to_be_hidden()
    # In its own units, as large as it was drawn.
    width = images.locator(".narrow").evaluate(
        "(svg) => svg.clientWidth / svg.viewBox.baseVal.width"
    )
    assert 0.8 < width < 1.3


def test_on_paper_tables_are_open_and_nothing_is_dark(visit: Visit) -> None:
    page = visit("/reports/models", role="viewer", scheme="dark")
    page.goto("/reports?period=7d")
    table = page.locator(".card", has_text="Images by the day").get_by_role("table")
    expect(table).to_be_hidden()
    page.emulate_media(media="print")
    expect(table.get_by_role("columnheader", name="Period")).to_be_visible()
    expect(page.get_by_role("navigation", name="Period")).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_without_scripts_reports_are_asked_by_the_form(visit: Visit, faults: Faults) -> None:
    faults.expect("status of 422")
    page = visit("/reports", role="viewer", javascript=False)
    expect(page.get_by_role("link", name="See the prompts used most")).to_be_visible()
    page.get_by_text("Days, zone and filters").click()
    page.get_by_label("First day").fill("2026-01-02")
    page.get_by_label("Last day").fill("2025-01-01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("comes after")
