"""Asking for pictures in a browser."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select

from app.extensions import db
from app.models import Generation, Image
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit
from tests.browser.faults import Faults
from tests.pictures import picture
from tests.site import Site

SEEDED = 2
# As a browser hands over what was copied or is dragged: playwright has neither.
HAND_OVER = """
([type, bytes, name]) => {
  const data = new DataTransfer();
  const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  data.items.add(new File([content], name, { type: "image/png" }));
  const given = type === "paste" ? { clipboardData: data } : { dataTransfer: data };
  const Kind = type === "paste" ? ClipboardEvent : DragEvent;
  document.querySelector("#prompt").dispatchEvent(
    new Kind(type, { ...given, bubbles: true, cancelable: true }));
}
"""


def asked(site: Site) -> list[Generation]:
    """Return what was asked for on the page, the first one first."""
    with site.app.app_context():
        rows = db.session.scalars(select(Generation).order_by(Generation.created_at))
        return list(rows)[SEEDED:]


def newest(page: Page) -> Locator:
    """Return the first picture of the gallery."""
    return page.locator(".tile img").first


def hand_over(page: Page, kind: str, name: str, data: bytes) -> None:
    page.evaluate(HAND_OVER, [kind, base64.b64encode(data).decode(), name])


@pytest.mark.parametrize("device", DEVICES)
def test_what_is_asked_for_appears_on_top_of_the_gallery(
    visit: Visit, site: Site, device: str
) -> None:
    page = visit("/", device=device)
    page.get_by_label("Prompt", exact=True).fill("A hare in the corn")
    if device == "desktop":
        page.keyboard.press("Control+Enter")
    else:
        page.get_by_role("button", name="Generate").tap()
    expect(newest(page)).to_have_attribute("alt", "A hare in the corn")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A hare in the corn")
    page.reload()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A hare in the corn")
    [row] = asked(site)
    assert (row.prompt, row.n, row.size) == ("A hare in the corn", 1, "1K")


def test_a_double_click_asks_once(visit: Visit, site: Site) -> None:
    page = visit("/")
    page.get_by_label("Prompt", exact=True).fill("A hare")
    page.get_by_role("button", name="Generate").dblclick()
    expect(newest(page)).to_have_attribute("alt", "A hare")
    assert len(asked(site)) == 1


def test_past_prompts_are_completed_by_the_keyboard_and_never_in_the_way(visit: Visit) -> None:
    page = visit("/")
    prompt, options = (
        page.get_by_label("Prompt", exact=True),
        page.locator("#suggestions [role=option]"),
    )
    prompt.press_sequentially("a qui")
    expect(options).to_have_text(["A quiet harbour"])
    check_axe(page)
    prompt.press("Enter")
    expect(prompt).to_have_value("a qui\n")
    expect(options.first).to_be_hidden()
    prompt.press("Backspace")
    expect(options.first).to_be_visible()
    prompt.press("ArrowDown")
    expect(prompt).to_have_attribute("aria-activedescendant", "suggestion-0")
    prompt.press("Enter")
    expect(prompt).to_have_value("A quiet harbour")
    expect(options.first).to_be_hidden()
    prompt.press("Control+z")
    expect(prompt).to_have_value("a qui")
    prompt.press("End")
    prompt.press_sequentially("e")
    expect(options.first).to_be_visible()
    prompt.press("Escape")
    expect(options.first).to_be_hidden()
    expect(prompt).to_be_focused()


def test_a_templates_fields_appear_and_survive_a_reload(visit: Visit, site: Site) -> None:
    page = visit("/")
    page.get_by_label("Prompt", exact=True).fill("a fox")
    page.get_by_label("Template").select_option("poster")
    page.get_by_label("paper").fill("rough")
    page.get_by_label("Aspect ratio").select_option("16:9")
    page.reload()
    expect(page.get_by_label("paper")).to_have_value("rough")
    expect(page.get_by_label("Aspect ratio")).to_have_value("16:9")
    page.get_by_label("paper").press("Control+Enter")
    expect(newest(page)).to_have_attribute("alt", re.compile("rough"))
    assert asked(site)[0].final_prompt == "A poster of a fox on rough paper"


def test_pictures_are_pasted_dropped_chosen_and_taken_out(visit: Visit, site: Site) -> None:
    page = visit("/?remix=61")
    tiles = page.locator("#references li")
    expect(tiles).to_have_count(1)
    for number, kind in enumerate(("paste", "drop"), 2):
        hand_over(page, kind, f"{kind}.png", picture(color=(number, 9, 9)))
        expect(tiles).to_have_count(number)
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": picture(color=(7, 7, 7))}
    page.locator("#reference-files").set_input_files(file)  # type: ignore[arg-type]
    expect(tiles).to_have_count(4)
    check_axe(page)
    page.get_by_role("checkbox", name="drop").press("Space")
    expect(tiles).to_have_count(3)
    page.reload()
    expect(tiles).to_have_count(3)
    kept = tiles.evaluate_all("(all) => all.map((each) => each.dataset.id)")
    page.get_by_label("Prompt", exact=True).fill("Together")
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(newest(page)).to_have_attribute("alt", "Together")
    chosen = [int(each) for each in kept]
    assert asked(site)[0].input_images == chosen
    assert chosen[0] == 61


@pytest.mark.parametrize("arrives", [True, False])
def test_who_asks_while_a_picture_is_on_its_way_gets_it_or_is_told(
    visit: Visit, site: Site, faults: Faults, arrives: bool
) -> None:
    page = visit("/")
    waiting: list[Route] = []
    page.route("**/api/images", lambda route: waiting.append(route))  # noqa: PLW0108 (a method takes no attribute)
    page.get_by_label("Prompt", exact=True).fill("Together")
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": picture(color=(7, 7, 7))}
    page.locator("#reference-files").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(page.get_by_role("button", name="Generate")).to_have_attribute("aria-disabled", "true")
    assert asked(site) == []
    page.get_by_label("Prompt", exact=True).fill("What comes next")
    if not arrives:
        faults.expect("status of 422")
        problem = {"detail": "That is too large."}
        waiting[0].fulfill(status=422, json=problem, content_type="application/problem+json")
        expect(page.get_by_text("That is too large.")).to_be_visible()
        expect(page.get_by_role("button", name="Generate")).not_to_have_attribute(
            "aria-disabled", "true"
        )
        assert asked(site) == []
        return
    waiting[0].continue_()
    expect(newest(page)).to_have_attribute("alt", "Together")
    [row] = asked(site)
    with site.app.app_context():
        uploads = list(db.session.scalars(select(Image.id).where(Image.source == "upload")))
    assert row.input_images == [uploads[-1]]
    assert row.prompt == "Together"


def test_what_is_wrong_is_told_beside_its_field(visit: Visit, site: Site, faults: Faults) -> None:
    faults.expect("status of 422")
    page = visit("/")
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("   ")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("The prompt is blank")).to_be_visible()
    expect(prompt).to_be_focused()
    check_axe(page)
    prompt.fill("A hare")
    prompt.press("Control+Enter")
    expect(page.get_by_text("The prompt is blank")).to_be_hidden()
    expect(newest(page)).to_have_attribute("alt", "A hare")


def test_the_cost_follows_what_is_chosen(visit: Visit, gemini_site: Site) -> None:
    page = visit("/", site=gemini_site)
    cost = page.locator("#cost")
    expect(cost).to_contain_text("left today")
    one = cost.inner_text()
    page.get_by_label("How many").select_option("2")
    expect(cost).not_to_have_text(one)
    page.locator("#model").select_option("gemini-3.1-flash-lite-image")
    expect(page.locator("#size option")).to_have_text(["1K"])


@pytest.mark.parametrize("device", DEVICES)
def test_without_a_script_a_form_asks_and_nothing_is_lost(
    visit: Visit, site: Site, faults: Faults, device: str
) -> None:
    faults.expect("status of 422")
    page = visit("/", device=device, javascript=False)
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("A hare")
    page.get_by_label("Template").select_option("poster")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("missing: paper")).to_be_visible()
    expect(prompt).to_have_value("A hare")
    check_width(page)
    page.get_by_label("paper").fill("rough")
    page.get_by_role("button", name="Generate").click()
    site.finish()
    page.goto("/")
    expect(newest(page)).to_have_attribute("alt", re.compile("rough"))
    assert asked(site)[0].final_prompt == "A poster of A hare on rough paper"


def test_a_viewer_has_no_composer(visit: Visit) -> None:
    page = visit("/", role="viewer")
    expect(page.locator(".tile").first).to_be_visible()
    expect(page.get_by_role("button", name="Generate")).to_have_count(0)
