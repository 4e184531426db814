"""The gallery in a browser: search as one types, endless rows, keys, and no reader moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app import imaging
from app.extensions import db
from app.models.image_filter import ANY
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.models.types import utc_now
from tests.browser.conftest import DEVICES, Visit
from tests.pictures import picture
from tests.site import Site


def more_pictures(site: Site, count: int) -> None:
    """Keep so many pictures more, older than all that are there."""
    drawn = imaging.prepare(picture())
    first = utc_now() - timedelta(days=300)
    with site.app.app_context():
        ImageManager().store_all(
            NewImage(
                f"An older fox {number}",
                drawn,
                ImageDetails(),
                created_at=first + timedelta(minutes=number),
            )
            for number in range(count)
        )
        db.session.commit()


def held_back(page: Page, address: str, **more: Any) -> list[Route]:
    """Hold requests back, and return the list that they come into."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold, **more)
    return held


def at(page: Page) -> str | None:
    """Return the id of the tile that has the focus."""
    return page.evaluate("document.activeElement.closest('.tile')?.id ?? null")


@pytest.mark.parametrize("device", DEVICES)
def test_results_follow_what_is_typed_and_so_does_the_address(visit: Visit, device: str) -> None:
    page = visit("/", device=device)
    if device == "desktop":
        page.keyboard.press("/")
    else:
        page.get_by_label("Search prompts").tap()
    page.keyboard.type("lighthouse", delay=20)
    expect(page).to_have_url("/?q=lighthouse")
    expect(page.get_by_role("status").filter(has_text="15 pictures")).to_have_count(1)
    expect(page.locator(".tile")).to_have_count(15)
    page.reload()
    expect(page.locator(".tile")).to_have_count(15)
    expect(page.get_by_label("Search prompts")).to_have_value("lighthouse")


def test_an_answer_that_was_overtaken_is_dropped(visit: Visit) -> None:
    page = visit("/")

    def slowly(route: object) -> None:
        page.wait_for_timeout(600)
        route.continue_()  # type: ignore[attr-defined]

    page.route("**/?q=fox", slowly)
    field = page.get_by_label("Search prompts")
    field.fill("fox")
    page.wait_for_timeout(200)
    field.fill("cat")
    expect(page).to_have_url("/?q=cat")
    page.wait_for_timeout(800)
    assert all("cat" in text for text in page.locator(".tile p").all_text_contents())


def test_a_field_that_was_emptied_shows_everything_whatever_answers_late(visit: Visit) -> None:
    page = visit("/")
    held = held_back(page, "**/?q=lighthouse")
    field = page.get_by_label("Search prompts")
    field.fill("lighthouse")
    page.wait_for_timeout(250)
    field.fill("")
    page.wait_for_timeout(250)
    for route in held:
        route.continue_()
    page.wait_for_timeout(250)
    expect(page).to_have_url("/")
    expect(page.locator(".tile")).to_have_count(60)


def test_filters_narrow_at_once_and_are_taken_away_one_by_one(visit: Visit) -> None:
    page = visit("/")
    page.get_by_label("Filters").click()
    page.get_by_label("Favourites only").check()
    expect(page.locator("#state")).to_have_text("12 pictures")
    page.locator("#filters").get_by_label("Project").fill("zoo")
    page.locator("#filters").get_by_label("Project").press("Tab")
    expect(page.locator("#state")).to_have_text("2 pictures")
    page.keyboard.press("Escape")
    page.locator(".chip", has_text="Project: zoo").click()
    expect(page).to_have_url("/?favourite=true")
    expect(page.locator(".tile")).to_have_count(12)


def test_older_pictures_come_as_one_nears_the_end_and_none_twice(visit: Visit, site: Site) -> None:
    more_pictures(site, 130)
    page = visit("/", site=site)
    for _ in range(30):
        page.mouse.wheel(0, 4000)
        if page.get_by_text("That is everything.").count():
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text("That is everything.")).to_be_visible()
    ids = page.eval_on_selector_all(".tile", "tiles => tiles.map(tile => tile.id)")
    with site.app.app_context():
        total = ImageManager().count(ANY)
    assert len(ids) == len(set(ids)) == total
    days = page.eval_on_selector_all(".day h2", "all => all.map(each => each.textContent)")
    assert len(days) == len(set(days))


def test_new_pictures_appear_on_top_but_move_no_reader(visit: Visit, site: Site) -> None:
    more_pictures(site, 60)
    page = visit("/", site=site)
    expect(page.locator("#image-61")).to_be_visible()
    tell = "id => document.dispatchEvent(new CustomEvent('pictures', {detail: {ids: [id]}}))"
    page.locator("#image-61").evaluate("tile => tile.remove()")
    page.evaluate(tell, 61)
    expect(page.locator("#image-61")).to_be_visible()
    page.locator("#image-60").evaluate("tile => tile.remove()")
    page.mouse.wheel(0, 1200)
    page.wait_for_timeout(300)
    place = page.evaluate("scrollY")
    page.evaluate(tell, 60)
    pill = page.get_by_role("button", name="1 new picture")
    expect(pill).to_be_visible()
    assert page.evaluate("scrollY") == place
    pill.click()
    expect(page.locator("#image-60")).to_be_visible()
    expect(pill).to_be_hidden()


def test_arrow_keys_walk_through_the_rows(visit: Visit) -> None:
    page = visit("/")
    page.locator(".tile a").first.focus()
    first = at(page)
    page.keyboard.press("ArrowRight")
    second = at(page)
    page.keyboard.press("ArrowDown")
    below = at(page)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert len({first, second, below}) == 3
    assert at(page) == first


def test_a_star_shows_at_once_and_is_kept(visit: Visit, site: Site) -> None:
    page = visit("/", site=site)
    star = page.locator("#image-59").get_by_role("button", name="Favourite")
    with page.expect_response("**/api/images/59"):
        star.click()
        expect(star).to_have_attribute("aria-pressed", "true")
    page.goto("/?favourite=true")
    expect(page.locator("#image-59")).to_be_visible()


def test_a_star_pressed_twice_is_kept_as_it_was_left(visit: Visit, site: Site) -> None:
    page = visit("/", site=site)
    held = held_back(page, "**/api/images/59", times=1)
    star = page.locator("#image-59").get_by_role("button", name="Favourite")
    star.click()
    star.click()
    with page.expect_response(lambda answer: "false" in (answer.request.post_data or "")):
        held[0].continue_()
    page.goto("/?favourite=true")
    expect(page.locator("#image-59")).to_have_count(0)


def test_a_link_with_a_whole_key_logs_nobody_in_unasked(visit: Visit, site: Site) -> None:
    page = visit(f"/login#{site.key('admin')}", role=None, site=site)
    expect(page.get_by_label("Key or login code")).to_have_value(site.key("admin"))
    page.wait_for_timeout(200)
    expect(page).to_have_url("/login")


def test_a_star_that_is_refused_is_taken_back(visit: Visit, faults: object) -> None:
    page = visit("/")
    faults.expect("status of 409")  # type: ignore[attr-defined]
    page.route("**/api/images/59", lambda route: route.fulfill(status=409, json={"detail": "No."}))
    star = page.locator("#image-59").get_by_role("button", name="Favourite")
    star.click()
    expect(page.get_by_text("It could not be marked: No.")).to_be_visible()
    expect(star).to_have_attribute("aria-pressed", "false")


def test_without_a_script_search_filters_and_pages_work(visit: Visit, site: Site) -> None:
    more_pictures(site, 60)
    page = visit("/", javascript=False, site=site)
    page.get_by_role("link", name="Older pictures").click()
    expect(page.get_by_text("An older fox 30")).to_have_count(1)
    page.get_by_label("Search prompts").fill("lighthouse")
    page.get_by_label("Search prompts").press("Enter")
    expect(page.locator(".tile")).to_have_count(15)
    page.get_by_label("Filters").click()
    page.get_by_label("Favourites only").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".tile")).to_have_count(3)


@pytest.mark.parametrize("device", DEVICES)
def test_a_link_logs_in_and_leaves_no_code_in_the_address(
    visit: Visit, site: Site, device: str
) -> None:
    page = visit(site.login_path(), role=None, device=device, site=site)
    expect(page).to_have_url("/")
    expect(page.locator(".tile").first).to_be_visible()


def test_a_code_is_pasted_without_a_script(visit: Visit, site: Site) -> None:
    page = visit("/?q=fox", role=None, javascript=False, site=site)
    page.get_by_label("Key or login code").fill(site.login_path().partition("#")[2])
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/?q=fox")


def test_no_word_of_the_navigation_is_broken_at_any_width(visit: Visit) -> None:
    page = visit("/")
    words = page.locator(".top nav a span, .brand span")
    for width in (320, 700, 768, 850, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        # Lines of 1.5 of at most 16 pixels; what is hidden is a pixel high.
        heights = words.evaluate_all(
            "all => all.map((each) => each.getBoundingClientRect().height)"
        )
        assert max(heights) <= 24, (width, heights)
        over = page.locator(".top nav a").evaluate_all(
            "all => all.map((each) => each.scrollWidth - each.clientWidth)"
        )
        assert max(over) <= 0, (width, over)


def test_a_search_to_be_kept_is_named_at_once(visit: Visit) -> None:
    page = visit("/?favourite=true")
    page.get_by_text("Keep this search").click()
    expect(page.get_by_label("Name of the search")).to_be_focused()
