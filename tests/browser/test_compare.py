"""Pictures beside each other, moved together."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEVICES, Visit

IDS = "61,60,58"


def moved(page: Page) -> list[str]:
    """Return how each picture is moved and enlarged."""
    pictures = page.locator(".compared .picture")
    return list(pictures.evaluate_all("all => all.map((each) => each.style.transform)"))


@pytest.mark.parametrize("device", DEVICES)
def test_keys_and_buttons_enlarge_and_move_all_pictures_alike(visit: Visit, device: str) -> None:
    page = visit(f"/compare?ids={IDS}", device=device)
    seen = []
    for key in ("+", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        first, *others = moved(page)
        assert others == [first, first]
        seen.append(first)
    assert len({*seen, ""}) == 4
    page.get_by_role("button", name="Fit").click()
    assert moved(page) == ["", "", ""]


def test_the_wheel_enlarges_at_the_pointer_and_dragging_moves(visit: Visit) -> None:
    page = visit(f"/compare?ids={IDS}")
    box = page.locator(".stage").nth(1).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 + 50, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -200)
    expect(page.locator(".stage.zoomed")).to_have_count(3)
    enlarged = moved(page)
    page.mouse.down()
    page.mouse.move(box["x"] + 80, box["y"] + 80, steps=3)
    page.mouse.up()
    dragged = moved(page)
    assert len(set(enlarged)) == len(set(dragged)) == 1
    assert enlarged != dragged
    # A drag is no click, which would show all of it again.
    expect(page.locator(".stage.zoomed")).to_have_count(3)


def test_without_scripts_words_and_settings_are_there(visit: Visit) -> None:
    page = visit(f"/compare?ids={IDS}", javascript=False)
    expect(page.locator("ins").first).to_be_visible()
    expect(page.get_by_role("row", name="Ratio")).to_contain_text("differs")
    expect(page.get_by_role("button", name="Fit")).to_have_count(0)
    page.get_by_role("link", name="Open picture 60").click()
    expect(page.locator("article.viewer[data-id='60']")).to_be_visible()
