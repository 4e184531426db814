"""Templates in a browser: the words that would be sent, as one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from app.models.prompt_manager import PromptManager
from tests.browser.conftest import DEVICES, Visit
from tests.site import Site


def sent(page: Page) -> str:
    """Return the words that would be sent."""
    return page.locator("#preview .template-words").inner_text()


@pytest.mark.parametrize("device", DEVICES)
def test_the_words_are_shown_as_one_types_and_then_kept(
    site: Site, visit: Visit, device: str
) -> None:
    page = visit("/templates/-/new", device=device)
    expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    page.get_by_label("Name").fill("night")
    page.get_by_label("Words").fill("{user_input} by {light}")
    page.get_by_label("light").fill("<b>moon</b>light")
    expect(page.locator("#preview .template-words")).to_have_text(
        "a fox in the snow by <b>moon</b>light"
    )
    page.get_by_label("Prompt", exact=True).fill("An owl")
    expect(page.locator("#preview mark").first).to_have_text("An owl")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="night")).to_be_visible()
    with site.app.app_context():
        assert PromptManager().get_template("night").text == "{user_input} by {light}"


def test_what_is_wrong_is_told_as_one_types_and_what_was_filled_in_stays(visit: Visit) -> None:
    page = visit("/templates/poster")
    page.get_by_label("paper").fill("rough")
    expect(page.locator("#preview .template-words")).to_contain_text("rough")
    words = page.get_by_label("Words")
    words.fill("{user_input} on {paper} {")
    expect(page.get_by_role("status").filter(has_text="begins no variable")).to_be_visible()
    expect(page.get_by_label("paper")).to_have_value("rough")
    words.fill("on {paper}")
    expect(page.locator("#preview")).to_contain_text("needs {user_input} somewhere")
    words.fill("{user_input} on {paper} in {colour}")
    expect(page.get_by_label("colour")).to_be_visible()
    expect(page.get_by_label("paper")).to_have_value("rough")
    expect(page.locator("#preview")).to_contain_text("Not filled in yet: colour")


def test_typing_on_while_an_answer_is_late_shows_the_last_words(visit: Visit) -> None:
    page = visit("/templates/poster")

    def answer_the_second_alone(route: Route) -> None:
        if "second" in (route.request.post_data or ""):
            route.continue_()

    page.route("**/templates/-/preview", answer_the_second_alone)
    with page.expect_request("**/templates/-/preview"):
        page.get_by_label("Prompt", exact=True).fill("first")
    with page.expect_event("requestfailed"):  # it is given up
        page.get_by_label("Prompt", exact=True).fill("second")
    expect(page.locator("#preview .template-words")).to_contain_text("A poster of second")


@pytest.mark.parametrize("device", DEVICES)
def test_without_scripts_a_template_is_tried_changed_and_deleted(
    site: Site, visit: Visit, device: str
) -> None:
    page = visit("/templates", device=device, javascript=False)
    page.get_by_role("link", name="Edit poster").click()
    page.get_by_label("Words").fill("{user_input}, large, {ink}")
    page.get_by_role("button", name="Preview").click()
    page.get_by_label("ink").fill("red")
    page.get_by_role("button", name="Preview").click()
    assert sent(page) == "a fox in the snow, large, red"
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("The newest version is kept.")).to_be_visible()
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No templates yet")).to_be_visible()
