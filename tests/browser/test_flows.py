"""Ways through several pages in a browser: a kept search, days, the trash, and much of it on a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.sync_api import expect

from app.models.types import utc_now
from tests.browser.checks import check_width
from tests.browser.conftest import Visit
from tests.browser.test_gallery import more_pictures
from tests.browser.test_selection import ids, kept, press_long, ready, tile
from tests.site import Site


def test_a_search_is_kept_used_and_forgotten(visit: Visit) -> None:
    page = visit("/?q=fox&favourite=true")
    found = page.locator(".tile").count()
    page.get_by_text("Keep this search").click()
    page.get_by_placeholder("Name of the search").fill("best foxes")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("The search is kept.")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="best foxes").click()
    expect(page.get_by_label("Search prompts")).to_have_value("fox")
    expect(page.locator(".tile")).to_have_count(found)
    page.get_by_role("button", name="Forget the search best foxes").click()
    expect(page.get_by_text("The search is forgotten.")).to_be_visible()
    expect(page.get_by_role("link", name="best foxes")).to_have_count(0)


def test_whoever_logs_out_is_out(visit: Visit) -> None:
    page = visit("/settings")
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/")
    expect(page).to_have_url(re.compile("/login"))


def test_days_narrow_and_a_day_is_gone_to(visit: Visit) -> None:
    page = visit("/")
    day = f"{utc_now() - timedelta(days=5):%Y-%m-%d}"
    page.get_by_label("Filters").click()
    page.get_by_label("Go to a day").fill(day)
    expect(page).to_have_url(f"/?day={day}")
    expect(page.locator(".day").first).to_have_attribute("data-day", day)
    expect(page.get_by_role("link", name="Newer pictures")).to_be_visible()
    of_that_day = page.locator(".day").first.locator(".tile").count()
    page.get_by_role("textbox", name="From", exact=True).fill(day)
    page.get_by_label("To (included)").fill(day)
    expect(page).to_have_url(f"/?from={day}&to={day}")
    expect(page.locator(".tile")).to_have_count(of_that_day)


def test_many_come_out_of_the_trash_by_the_bar(site: Site, visit: Visit) -> None:
    page = ready(visit("/"))
    chosen = ids(page, 0, 1)
    tile(page, 0).locator(".choose").click()
    tile(page, 1).locator(".choose").click()
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 pictures are in the trash.")).to_be_visible()
    page.get_by_label("Filters").click()
    page.get_by_role("link", name="Trash", exact=True).click()
    expect(page.locator("#selection [value=delete]")).to_have_count(0)
    expect(page.locator(".tile")).to_have_count(3)
    ready(page)
    for each in chosen:
        page.locator(f"#image-{each} .choose").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("2 pictures are back.")).to_be_visible()
    assert kept(site) > set(chosen)


def test_an_admin_empties_the_trash(site: Site, visit: Visit) -> None:
    page = visit("/?deleted=only", role="admin")
    page.get_by_role("link", name="Empty the trash").click()
    page.get_by_label("Type 1 to say that you mean it").fill("1")
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("1 picture is gone for good.")).to_be_visible()
    assert not kept(site, deleted="only")


def test_a_viewer_chooses_to_compare(visit: Visit) -> None:
    page = ready(visit("/", role="viewer"))
    chosen = ids(page, 0, 2)
    for number in (0, 2):
        tile(page, number).locator(".choose").click()
    expect(page.locator("#selection .btn")).to_have_text(["Compare", "Export"])
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(f"/compare?ids={chosen[0]},{chosen[1]}")


def test_enter_on_the_box_of_a_tile_changes_nothing(site: Site, visit: Visit) -> None:
    page = ready(visit("/?project=zoo"))
    before = kept(site, project="zoo")
    tile(page, 0).locator(".choose").click()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert kept(site, project="zoo") == before


def test_on_a_phone_one_scrolls_hears_of_new_ones_and_shares_with_a_guest(
    site: Site, visit: Visit
) -> None:
    more_pictures(site, 20)
    page = ready(visit("/", device="phone"))
    chosen = ids(page, 0, 1)
    page.locator("#image-50").evaluate("tile => tile.remove()")
    page.locator(".more").scroll_into_view_if_needed()
    expect(page.get_by_text("That is everything.")).to_be_attached()
    page.evaluate("document.dispatchEvent(new CustomEvent('pictures', {detail: {ids: [50]}}))")
    place = page.evaluate("scrollY")
    page.get_by_role("button", name="1 new picture").tap()
    expect(page.locator("#image-50")).to_be_attached()
    assert page.evaluate("scrollY") < place
    for each in chosen:
        where = page.locator(f"#image-{each}")
        if each == chosen[0]:
            press_long(page, where)
        else:
            where.locator("a").tap()
    page.get_by_role("button", name="Share", exact=True).tap()
    page.get_by_label("Title").fill("For Ann")
    page.locator("#share-form").get_by_role("button", name="Share").tap()
    expect(page.locator("#share-link")).to_be_visible()
    link = urlsplit(page.locator("#share-link").input_value())

    guest = visit(link.path, role=None, device="phone")
    guest.locator(".pick").first.tap()
    expect(guest.locator("#picks")).to_have_text("1 picked")
    expect(guest.locator("#kept")).to_have_text("Kept")
    check_width(guest)
    assert kept(site, picked=True) == set(chosen[:1])
