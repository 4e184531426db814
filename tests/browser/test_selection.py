"""Choosing pictures in a browser: by box, keys and touch; and what is done with them."""

from __future__ import annotations

import zipfile

from playwright.sync_api import Locator, Page, Route, expect

from app.models.image_filter import ImageFilter
from app.models.matching import matching_ids
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import Visit
from tests.browser.faults import Faults
from tests.browser.test_gallery import more_pictures
from tests.site import Site

# So many tiles more, of pictures that the server does not have.
COPY_TILES = """
(count) => {
  const last = [...document.querySelectorAll("#grid .tile")].at(-1);
  for (let id = 5001; id <= 5000 + count; id++) {
    const tile = last.cloneNode(true);
    tile.id = `image-${id}`;
    tile.dataset.id = id;
    last.parentNode.append(tile);
  }
}
"""


def tile(page: Page, number: int) -> Locator:
    """Return a tile by its place, from 0."""
    return page.locator("#grid .tile").nth(number)


def ids(page: Page, *numbers: int) -> list[int]:
    return [int(tile(page, each).get_attribute("data-id") or 0) for each in numbers]


def kept(site: Site, **wanted: object) -> set[int]:
    """Return the ids that a filter finds."""
    with site.app.app_context():
        return set(matching_ids(ImageFilter(**wanted)))  # type: ignore[arg-type]


def ready(page: Page) -> Page:
    """Wait until the bar's scripts are there: they are loaded behind the page's own."""
    expect(page.locator("#choose-none")).to_have_js_property("hidden", False)
    return page


def press_long(page: Page, at: Locator) -> None:
    """Put a finger on something and keep it there."""
    at.scroll_into_view_if_needed()
    box = at.bounding_box()
    assert box
    fingers = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(at.locator(".choose")).to_be_checked()
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_pictures_are_chosen_by_box_range_and_key(visit: Visit) -> None:
    page = ready(visit("/"))
    count = page.locator("#chosen")
    expect(page.locator("#selection")).to_be_hidden()
    tile(page, 1).locator(".choose").click()
    expect(count).to_have_text("1 chosen")
    expect(tile(page, 9).locator(".choose")).to_have_css("opacity", "1")
    tile(page, 4).locator(".choose").click(modifiers=["Shift"])
    expect(count).to_have_text("4 chosen")
    tile(page, 6).locator("a").click(modifiers=["Control"])
    expect(count).to_have_text("5 chosen")
    expect(page.locator("#viewer")).to_be_hidden()
    check_axe(page)
    check_width(page)
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()
    page.keyboard.press("Control+a")
    expect(count).to_have_text("60 chosen")
    page.locator("#choose-none").click()
    expect(page.locator(".choose:checked")).to_have_count(0)


def test_a_choice_outlives_pages_that_are_added_but_not_what_a_search_does_not_show(
    site: Site, visit: Visit
) -> None:
    more_pictures(site, 120)
    page = ready(visit("/"))
    tile(page, 0).locator(".choose").click()
    page.locator(".more").scroll_into_view_if_needed()
    expect(page.locator("#image-124")).to_be_attached()
    expect(page.locator("#chosen")).to_have_text("1 chosen")
    page.locator("#image-124 .choose").click(modifiers=["Shift"])
    expect(page.locator("#chosen")).not_to_have_text("1 chosen")
    page.keyboard.press("Escape")
    page.locator("#image-124 .choose").click()
    page.get_by_label("Search prompts").fill("lighthouse")
    expect(page.locator("#selection")).to_be_hidden()


def test_on_a_phone_a_long_press_chooses_and_taps_go_on(visit: Visit) -> None:
    page = ready(visit("/", device="phone"))
    press_long(page, tile(page, 1))
    tile(page, 2).locator("a").tap()
    expect(page.locator("#chosen")).to_have_text("2 chosen")
    expect(page).to_have_url("/")
    check_width(page)
    tile(page, 1).locator("a").tap()
    tile(page, 2).locator("a").tap()
    expect(page.locator("#selection")).to_be_hidden()
    tile(page, 2).locator("a").tap()
    expect(page.locator("#viewer")).to_be_visible()


def test_chosen_pictures_are_tagged_starred_and_put_into_a_project(
    site: Site, visit: Visit
) -> None:
    page = ready(visit("/"))
    chosen = ids(page, 0, 1)
    for number in (0, 1):
        tile(page, number).locator(".choose").click()
    page.locator("#selection").get_by_text("Tag", exact=True).click()
    expect(page.get_by_label("Tags, with commas between")).to_be_focused()
    page.keyboard.type("sea, dusk")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 pictures have the tags.")).to_be_visible()
    page.locator("#selection").get_by_text("Project", exact=True).click()
    page.get_by_label("Name of the project").fill("acme")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("2 pictures are in the project.")).to_be_visible()
    page.locator("#selection [value=favourite]").click()
    expect(tile(page, 1).locator(".fav")).to_have_attribute("aria-pressed", "true")
    assert kept(site, tags=("dusk", "sea"), project="acme", favourite=True) == set(chosen)


def test_chosen_pictures_are_deleted_at_once_and_come_back(site: Site, visit: Visit) -> None:
    page = ready(visit("/"))
    chosen = ids(page, 0, 2)
    before = page.locator("#grid .tile").evaluate_all("all => all.map((each) => each.id)")
    for number in (2, 0):
        tile(page, number).locator(".choose").click()
    page.keyboard.press("Delete")
    expect(page.locator(f"#image-{chosen[0]}")).to_have_count(0)
    expect(page.get_by_text("2 pictures are in the trash.")).to_be_visible()
    assert not kept(site) & set(chosen)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("2 pictures are back.")).to_be_visible()
    after = page.locator("#grid .tile").evaluate_all("all => all.map((each) => each.id)")
    assert after == before
    assert kept(site) > set(chosen)


def test_all_that_match_are_chosen_beyond_what_was_loaded(site: Site, visit: Visit) -> None:
    more_pictures(site, 200)
    page = ready(visit("/?q=fox"))
    page.keyboard.press("Control+a")
    expect(page.locator("#chosen")).to_have_text("60 chosen")
    page.get_by_role("button", name="Choose all that match").click()
    expect(page.locator("#chosen")).to_have_text("215 chosen")
    page.locator(".more").scroll_into_view_if_needed()
    expect(tile(page, 60)).to_be_attached()
    expect(page.locator(".choose:not(:checked)")).to_have_count(0)
    expect(page.locator("#chosen")).to_have_text("215 chosen")
    page.locator("#selection [value=favourite]").click()
    expect(page.get_by_text("215 pictures are favourites now.")).to_be_visible()
    assert len(kept(site, q="fox", favourite=True)) == 215
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#selection [value=delete]").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert not kept(site, q="fox")


def test_whoever_chooses_otherwise_while_all_are_counted_means_that(
    site: Site, visit: Visit
) -> None:
    more_pictures(site, 60)
    page = ready(visit("/?q=fox"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/images/bulk", hold)
    page.keyboard.press("Control+a")
    with page.expect_request("**/api/images/bulk"):
        page.get_by_role("button", name="Choose all that match").click()
    tile(page, 3).locator(".choose").click()
    with page.expect_response("**/api/images/bulk"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#chosen")).to_have_text("59 chosen")
    expect(tile(page, 3).locator(".choose")).not_to_be_checked()


def test_what_was_done_of_many_is_told_and_taken_back_also_at_a_second_try(
    visit: Visit, faults: Faults
) -> None:
    page = ready(visit("/?q=fox"))
    page.evaluate(COPY_TILES, 1000)
    answers = [200, 409, 409, 200]  # the first part, the second; Undo, and Undo again
    faults.expect("status of 409")

    def answer(route: Route) -> None:
        status = answers.pop(0)
        route.fulfill(
            status=status, json={"detail": "Busy."} if status > 200 else {"matched": 1000}
        )

    page.route("**/api/images/bulk", answer)
    page.keyboard.press("Control+a")
    expect(page.locator("#chosen")).to_have_text("1,015 chosen")
    order = page.locator("#grid .tile").evaluate_all("all => all.map((each) => each.id)")
    page.keyboard.press("Delete")
    told = "1,000 of 1,015 pictures are in the trash, the rest are as they were: Busy."
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.locator("#grid .tile")).to_have_count(15)
    expect(page.locator("#chosen")).to_have_text("15 chosen")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undo did not get through: Busy.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1,000 pictures are back.")).to_be_visible()
    after = page.locator("#grid .tile").evaluate_all("all => all.map((each) => each.id)")
    assert after == order


def test_chosen_pictures_are_saved_as_a_zip_or_compared(visit: Visit) -> None:
    page = ready(visit("/"))
    chosen = ids(page, 1, 3)
    for number in (1, 3):
        tile(page, number).locator(".choose").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Export").click()
    with zipfile.ZipFile(saving.value.path()) as packed:
        assert len([each for each in packed.namelist() if each.endswith(".json")]) == len(chosen)
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(f"/compare?ids={chosen[0]},{chosen[1]}")


def test_without_scripts_boxes_and_the_bar_do_the_same(site: Site, visit: Visit) -> None:
    page = visit("/", javascript=False)
    chosen = ids(page, 0, 1)
    for number in (0, 1):
        tile(page, number).locator(".choose").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The pictures are in the trash.")).to_be_visible()
    assert not kept(site) & set(chosen)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The pictures are back.")).to_be_visible()
    assert kept(site) > set(chosen)
