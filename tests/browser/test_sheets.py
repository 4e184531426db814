"""A proof sheet in a browser: shared from the gallery, marked by a guest, filtered, printed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.services.proof_sheets import NewSheet, make_sheet, pictures_of_sheet
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit
from tests.browser.faults import Faults
from tests.browser.test_selection import ids, ready, tile
from tests.site import Site

IDS = [10, 11, 12]


@pytest.fixture
def link(site: Site) -> str:
    """The path of a sheet of three pictures."""
    with site.app.app_context():
        _, token = make_sheet(NewSheet("Animals", IDS, greeting="Which one?"))
    return f"/s/{token}"


def marks(site: Site) -> list[tuple[bool, str | None]]:
    with site.app.app_context():
        return [(each.picked, each.word) for each in pictures_of_sheet(1)]


def test_what_a_guest_picks_comes_back_as_a_filter(site: Site, visit: Visit) -> None:
    page = ready(visit("/"))
    chosen = ids(page, 0, 1, 2)
    tile(page, 0).locator(".choose").click()
    tile(page, 2).locator(".choose").click(modifiers=["Shift"])
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("Title").fill("For Ann")
    check_axe(page)
    page.locator("#share-form").get_by_role("button", name="Share").click()
    expect(page.locator("#share-link")).to_be_visible()
    link = urlsplit(page.locator("#share-link").input_value())

    guest = visit(link.path, role=None)
    guest.get_by_label("Your name").fill("Ann")
    guest.get_by_role("checkbox", name="Pick number 2").check(force=True)
    guest.get_by_label("A word on number 2").fill("Warmer, please")
    guest.get_by_label("A word on number 2").blur()
    expect(guest.locator("#picks")).to_have_text("1 picked")
    expect(guest.locator("#kept")).to_have_text("Kept")
    assert marks(site) == [(False, None), (True, "Warmer, please"), (False, None)]

    page.goto("/shares")
    page.get_by_role("link", name="For Ann").click()
    expect(page.get_by_text("Warmer, please")).to_be_visible()
    check_axe(page)
    check_width(page)
    page.get_by_role("link", name="Picks in the gallery (1)").click()
    expect(page.locator("#grid .tile")).to_have_count(1)
    assert ids(page, 0) == chosen[1:2]


@pytest.mark.parametrize("device", DEVICES)
def test_a_sheet_is_easy_to_use_and_fits_320_pixels(visit: Visit, link: str, device: str) -> None:
    page = visit(link, role=None, device=device)
    check_axe(page)
    check_width(page)
    page.locator(".look").first.click()
    expect(page.locator("#large")).to_be_visible()
    check_axe(page)


def test_a_guest_looks_larger_and_picks_by_key(site: Site, visit: Visit, link: str) -> None:
    page = visit(link, role=None)
    page.locator(".look").nth(0).click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#large-number")).to_have_text("No. 2")
    page.keyboard.press("p")
    expect(page.locator("#picks")).to_have_text("1 picked")
    page.locator("#large .pick").click()
    expect(page.locator("#picks")).to_have_text("0 picked")
    page.keyboard.press("Escape")
    expect(page.locator(".look").nth(1)).to_be_focused()
    expect(page.locator("#kept")).to_have_text("Kept")
    assert [picked for picked, _ in marks(site)] == [False] * 3


def test_what_a_guest_says_last_is_kept_also_where_they_leave_at_once(
    site: Site, visit: Visit, link: str
) -> None:
    page = visit(link, role=None)
    page.get_by_role("checkbox", name="Pick number 2").check(force=True)
    page.get_by_label("A word on number 1").press_sequentially("Love it")
    page.goto("about:blank")
    wanted = [(False, "Love it"), (True, None), (False, None)]
    for _ in range(50):
        if marks(site) == wanted:
            break
        page.wait_for_timeout(100)
    assert marks(site) == wanted


def test_a_mark_is_kept_once_a_busy_server_is_free_again(
    site: Site, visit: Visit, link: str, faults: Faults
) -> None:
    page = visit(link, role=None)
    page.clock.install()
    faults.expect("503")
    page.route("**/marks", lambda route: route.fulfill(status=503, json={}))
    page.get_by_role("checkbox", name="Pick number 2").check(force=True)
    expect(page.locator("#kept")).to_contain_text("Not kept yet")
    page.unroute("**/marks")
    page.get_by_role("checkbox", name="Pick number 3").check(force=True)
    page.clock.fast_forward(4000)
    expect(page.locator("#kept")).to_have_text("Kept")
    assert [picked for picked, _ in marks(site)] == [False, True, True]


def test_a_pick_that_is_refused_goes_back_and_a_word_stays_but_neither_passes_for_kept(
    site: Site, visit: Visit, link: str, faults: Faults
) -> None:
    page = visit(link, role=None)
    faults.expect("status of 422")
    page.route("**/marks", lambda route: route.fulfill(status=422, json={}))
    page.locator(".look").nth(1).click()
    page.keyboard.press("p")
    expect(page.locator("#kept")).to_have_text("That could not be kept.")
    expect(page.locator("#large-pick")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="Pick number 2")).not_to_be_checked()
    word = page.get_by_label("A word on number 1")
    word.fill("Warmer")
    word.blur()
    expect(page.locator("#kept")).to_have_text("That could not be kept.")
    page.unroute("**/marks")
    page.get_by_role("checkbox", name="Pick number 3").check(force=True)
    expect(page.locator("#picks")).to_have_text("1 picked")
    expect(page.locator("#kept")).to_have_text("That could not be kept.")
    word.fill("Warm")
    expect(page.locator("#kept")).to_have_text("Kept")
    assert marks(site) == [(False, "Warm"), (False, None), (True, None)]


def test_without_scripts_a_guest_marks_by_a_form(site: Site, visit: Visit, link: str) -> None:
    page = visit(link, role=None, javascript=False)
    page.get_by_role("checkbox", name="Pick number 3").check(force=True)
    page.get_by_label("A word on number 1").fill("No")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved. Thank you.")).to_be_visible()
    assert marks(site) == [(False, "No"), (False, None), (True, None)]


def test_it_prints_pictures_numbers_picks_and_words_alone(visit: Visit, link: str) -> None:
    page = visit(link, role=None, scheme="dark")
    page.get_by_role("checkbox", name="Pick number 2").check(force=True)
    page.get_by_label("A word on number 2").fill("Warmer, please")
    expect(page.locator("#picks")).to_have_text("1 picked")
    page.emulate_media(media="print")
    for control in ("textarea", ".btn", "[name=guest]"):
        assert not any(each.is_visible() for each in page.locator(control).all()), control
    expect(page.locator(".sheet-word").nth(1)).to_be_visible()
    expect(page.locator(".pick span").nth(1)).to_be_visible()
    expect(page.locator(".pick span").nth(0)).to_be_hidden()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".frame").first).to_have_css("break-inside", "avoid")


def test_no_picture_is_cut_off(visit: Visit, link: str) -> None:
    page = visit(link, role=None)
    for look in page.locator(".look").all():
        outer, inner = look.bounding_box(), look.locator("img").bounding_box()
        assert outer
        assert inner
        assert inner["height"] <= outer["height"] + 1
        assert inner["width"] <= outer["width"] + 1
