"""The viewer: one picture over the gallery, with the keyboard, by touch, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.services.marks import add_tags, change_image
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit
from tests.browser.faults import Faults
from tests.models.samples import kept_image
from tests.pictures import picture
from tests.site import Site


def opened(page: Page, number: int) -> Locator:
    """Open a picture from its tile; return what the dialog shows."""
    page.locator(f"#image-{number} > a").click()
    return shown(page, number)


def shown(page: Page, number: int) -> Locator:
    """Wait until the viewer shows a picture under its own address; return it."""
    article = page.locator(f"article.viewer[data-id='{number}']")
    expect(article).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/images/{number}(\?|$)"))
    return article


@pytest.mark.parametrize("device", DEVICES)
def test_an_open_picture_is_easy_to_use_and_fits_a_narrow_screen(visit: Visit, device: str) -> None:
    page = visit("/", device=device)
    opened(page, 58)
    check_axe(page)
    check_width(page)


@pytest.mark.parametrize("device", DEVICES)
def test_all_of_a_large_picture_is_seen_and_a_long_prompt_leaves_room(
    site: Site, visit: Visit, device: str
) -> None:
    with site.app.app_context():
        kept = [
            kept_image("fox " * 2_500, picture(size=size)) for size in ((2048, 1536), (900, 2700))
        ]
        ids = [image.id for image in kept]
    page = visit(f"/images/{ids[0]}", device=device)
    if device == "desktop":
        expect(page.get_by_role("button", name="Copy").first).to_be_in_viewport()
    if device == "desktop":
        page.goto("/")
        opened(page, ids[1])
        [seen], [stage] = boxes(page, "#viewer .picture"), boxes(page, "#viewer .stage")
        assert stage["y"] <= seen["y"]
        assert seen["y"] + seen["height"] <= stage["y"] + stage["height"] <= 900
    for path, number in ((f"/images/{ids[1]}", 1), (f"/compare?ids={ids[0]},{ids[1]}", 2)):
        page.goto(path)
        check_axe(page, ("dark",))
        expect(page.locator(".picture")).to_have_count(number)
        for seen, stage in zip(boxes(page, ".picture"), boxes(page, ".stage"), strict=True):
            assert seen["height"] <= stage["height"]
            assert seen["y"] + seen["height"] <= page.evaluate("innerHeight")


def boxes(page: Page, selector: str) -> list[Any]:
    """Return where elements lie."""
    return [each.bounding_box() for each in page.locator(selector).all()]


def test_arrows_go_through_the_pictures_and_closing_returns_to_the_tile(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    expect(page).to_have_title(re.compile("no. 58"))
    for key, number in (("ArrowRight", 57), ("ArrowRight", 56), ("ArrowLeft", 57)):
        page.keyboard.press(key)
        shown(page, number)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#image-57 > a")).to_be_focused()
    expect(page).to_have_url(re.compile("/$"))
    expect(page).to_have_title(re.compile("^Gallery"))


def test_the_browsers_way_back_closes_and_its_way_forward_opens_again(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.go_forward()
    shown(page, 58)


def test_of_keys_pressed_fast_the_last_one_stays(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    held: list[Route] = []
    # Playwright wants a function that it can give attributes to.
    page.route("**/images/57", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/images/57"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    shown(page, 59)
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    shown(page, 59)


def test_keys_mark_copy_and_zoom(visit: Visit) -> None:
    page = visit("/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    article = opened(page, 58)
    page.keyboard.press("f")
    expect(article.get_by_role("button", name="Favourite")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("#image-58 .fav")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == article.locator(".prompt").text_content()
    for key, has in (("z", True), ("0", False), ("+", True), ("-", False)):
        page.keyboard.press(key)
        expect(article.locator(".stage")).to_have_class("stage zoomed" if has else "stage")


def test_a_deleted_picture_comes_back_with_ctrl_z(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    page.keyboard.press("Delete")
    shown(page, 57)
    expect(page.get_by_role("dialog").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("#image-58")).to_have_count(0)
    page.keyboard.press("Control+z")
    shown(page, 58)
    page.keyboard.press("Escape")
    expect(page.locator("#image-58 > a")).to_be_focused()
    page.reload()
    expect(page.locator("#image-58")).to_be_visible()


def test_a_key_that_is_held_down_deletes_one_picture_and_each_comes_back(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    for number in (57, 56):
        for _ in range(3):
            page.keyboard.down("Delete")
        shown(page, number)
        page.keyboard.down("Delete")
        page.keyboard.up("Delete")
    for number in (57, 58):
        page.keyboard.press("Control+z")
        shown(page, number)
    expect(page.locator("#image-56, #image-57, #image-58")).to_have_count(3)


def test_after_a_reload_the_way_back_leads_to_the_gallery(visit: Visit) -> None:
    page = visit("/")
    opened(page, 58)
    page.reload()
    page.go_back()
    expect(page.locator("#image-58")).to_be_visible()
    expect(page.locator("article.viewer")).to_have_count(0)


def test_marks_are_kept_as_they_change_and_what_cannot_be_is_said(
    site: Site, visit: Visit, faults: Faults
) -> None:
    page = visit("/")
    article = opened(page, 58)
    page.keyboard.press("t")
    page.keyboard.type("sea, late")
    page.keyboard.press("Enter")
    expect(article.get_by_role("checkbox", name="Keep the tag sea, late")).to_be_checked()
    field = article.get_by_role("textbox", name="Add a tag")
    expect(field).to_be_focused()
    # What others did meanwhile stays, and what is typed while a tag is on its way.
    with site.app.app_context():
        change_image(58, add_tags(["theirs"]))
    held: list[Route] = []
    page.route("**/api/images/bulk", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/api/images/bulk"):
        page.keyboard.type("one\n")
    page.keyboard.type("two")
    held[0].continue_()
    page.unroute("**/api/images/bulk")
    expect(article.get_by_role("checkbox", name="Keep the tag theirs")).to_be_checked()
    expect(article.get_by_role("checkbox", name="Keep the tag one")).to_be_checked()
    expect(field).to_have_value("two")
    faults.expect("status of 422")
    field.fill("turned\u202e round")
    field.press("Enter")
    expect(article.get_by_role("alert")).to_contain_text("printable characters")
    field.fill("")
    article.get_by_role("textbox", name="Note").fill("Chosen")
    with page.expect_response(lambda answer: "Chosen" in (answer.request.post_data or "")):
        page.keyboard.press("Escape")
    page.goto("/images/58")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("Chosen")
    expect(page.get_by_role("checkbox", name="Keep the tag sea, late")).to_be_checked()


# Without motion: while a picture still flies to its place it takes no touch.
def test_a_finger_swipes_to_the_next_and_taps_twice_to_zoom(visit: Visit) -> None:
    page = visit("/", device="phone", reduced_motion="reduce")
    article = opened(page, 58)
    touch = touches(page)
    touch([(300, 200)], [(220, 205)], [(100, 210)])
    article = shown(page, 57)
    for _ in range(2):
        touch([(195, 150)])
    expect(article.locator(".stage")).to_have_class("stage zoomed")
    # What is enlarged is moved, and not left.
    before = article.locator(".picture").get_attribute("style")
    touch([(300, 150)], [(200, 150)], [(60, 150)])
    expect(article.locator(".picture")).not_to_have_attribute("style", before or "")
    shown(page, 57)


def test_two_fingers_enlarge(visit: Visit) -> None:
    page = visit("/", device="phone", reduced_motion="reduce")
    article = opened(page, 58)
    touches(page)([(180, 150), (210, 150)], [(150, 150), (240, 150)], [(100, 150), (290, 150)])
    expect(article.locator(".stage")).to_have_class("stage zoomed")


def touches(page: Page) -> Callable[..., None]:
    """Return `touch(points, points, …)`: fingers come down at the first, move, and are lifted."""
    session = page.context.new_cdp_session(page)

    def send(kind: str, points: Any) -> None:
        given = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    def touch(first: Any, *more: Any) -> None:
        send("touchStart", first)
        for points in more:
            send("touchMove", points)
        send("touchEnd", [])

    return touch


@pytest.mark.parametrize("javascript", [True, False])
def test_its_own_page_deletes_with_an_undo_and_closes_to_the_gallery(
    visit: Visit, javascript: bool
) -> None:
    page = visit("/images/58?project=zoo", javascript=javascript)
    page.get_by_role("link", name="Older picture").click()
    expect(page).to_have_url(re.compile("/images/54.project=zoo$"))
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/images/48"))
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile("/images/54"))
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Close").click()
    expect(page.locator("#image-54")).to_be_in_viewport()


def test_without_scripts_a_tile_leads_to_its_page_and_marks_are_kept(visit: Visit) -> None:
    page = visit("/", javascript=False)
    article = opened(page, 58)
    article.get_by_role("textbox", name="Add a tag").fill("sea")
    article.get_by_role("textbox", name="Note").fill("Chosen")
    article.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Saved.")
    expect(page.get_by_role("checkbox", name="Keep the tag sea")).to_be_checked()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_what_is_restored_from_the_trash_leaves_it(visit: Visit) -> None:
    page = visit("/?deleted=only")
    article = opened(page, 3)
    article.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The picture is back.")).to_be_visible()
    expect(page.locator("#image-3")).to_have_count(0)
    expect(article.get_by_role("button", name="Delete")).to_be_visible()


def test_on_its_own_page_keys_delete_and_take_back(visit: Visit) -> None:
    page = visit("/images/58")
    page.keyboard.press("Delete")
    expect(page).to_have_url(re.compile("/images/57"))
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile("/images/58"))
    page.keyboard.press("Escape")
    expect(page.locator("#image-58")).to_be_in_viewport()


def test_a_picture_opens_with_a_transition_and_arrows_have_none(visit: Visit) -> None:
    page = visit("/")
    page.evaluate(COUNT_TRANSITIONS)
    opened(page, 58)
    page.keyboard.press("ArrowRight")
    shown(page, 57)
    assert page.evaluate("counted") == 1
    page.keyboard.press("Escape")
    page.emulate_media(reduced_motion="reduce")
    opened(page, 58)
    assert page.evaluate("counted") == 1


COUNT_TRANSITIONS = """
globalThis.counted = 0;
const start = document.startViewTransition.bind(document);
document.startViewTransition = (change) => { counted += 1; return start(change); };
null
"""
