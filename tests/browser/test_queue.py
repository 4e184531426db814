"""The queue in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.extensions import db
from app.models import Generation
from app.models.types import utc_now
from tests.browser.checks import check_axe, check_width
from tests.browser.conftest import DEVICES, Visit
from tests.models.samples import generation
from tests.site import Site

BLOCKED = "A <b>storm</b> [[blocked SAFETY]]"


def ask(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_label("Prompt", exact=True).press("Control+Enter")


@pytest.mark.parametrize("device", DEVICES)
def test_a_failure_says_why_and_can_be_edited_tried_again_and_dismissed(
    visit: Visit, gemini_site: Site, device: str
) -> None:
    page = visit("/", site=gemini_site, device=device)
    ask(page, BLOCKED)
    card = page.locator(".job")
    expect(card).to_contain_text("would not draw this")
    expect(card).to_contain_text("A <b>storm</b>")
    check_axe(page)
    check_width(page)
    page.get_by_label("Prompt", exact=True).fill("Other words")
    card.get_by_role("link", name=re.compile("Edit")).click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(BLOCKED)
    expect(page).to_have_url(re.compile(r"/$"))
    first = card.get_attribute("id")
    card.get_by_role("button", name=re.compile("Try again")).click()
    expect(page.locator(f"#{first}")).to_have_count(0)
    expect(card).to_contain_text("would not draw this")
    card.get_by_role("button", name=re.compile("Dismiss")).click()
    expect(card).to_have_count(0)
    page.reload()
    expect(card).to_have_count(0)


def goes_on(site: Site, prompt: str, status: str) -> str:
    """Commit a generation that nobody draws; return its id."""
    with site.app.app_context():
        row = generation(prompt=prompt, status=status, started_at=utc_now())
        return row.id


def test_what_runs_tells_its_time_keeps_the_focus_and_is_cancelled(
    visit: Visit, site: Site
) -> None:
    harbour_id = goes_on(site, "A harbour", "running")
    page = visit("/")
    harbour = page.locator(".job", has_text="A harbour")
    cancel = harbour.get_by_role("button", name=re.compile("Cancel"))
    expect(harbour.locator(".clock")).to_have_text(re.compile(r"^\d+\ss"))
    cancel.focus()
    goes_on(site, "A valley", "queued")
    expect(page.locator(".job", has_text="A valley")).to_be_visible()
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    expect(harbour).to_have_count(0)
    expect(page.locator("#queue:focus-within")).to_be_attached()
    with site.app.app_context():
        assert db.session.get_one(Generation, harbour_id).status == "cancelled"


def test_a_batch_is_one_card(visit: Visit, gemini_site: Site) -> None:
    page = visit("/", site=gemini_site)
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Each line is a prompt of its own").check()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Each line is a prompt of its own")).to_be_hidden()
    ask(page, "A fox\nA hare\nA storm [[blocked SAFETY]]")
    card = page.locator(".job")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("A batch of 3 prompts")


@pytest.mark.parametrize("device", DEVICES)
def test_more_than_two_cards_fold_away_on_a_phone(
    visit: Visit, gemini_site: Site, device: str
) -> None:
    page = visit("/", site=gemini_site, device=device)
    for number in range(4):
        ask(page, f"Storm {number} [[blocked SAFETY]]")
        expect(page.locator(".job", has_text=f"Storm {number}")).to_be_attached()
    shown = page.locator(".job:visible")
    if device == "desktop":
        expect(shown).to_have_count(4)
        return
    expect(shown).to_have_count(2)
    check_axe(page)
    page.get_by_text("2 more").tap()
    expect(shown).to_have_count(4)


def test_without_a_script_cards_have_forms(visit: Visit, gemini_site: Site) -> None:
    page = visit("/", site=gemini_site, javascript=False)
    page.get_by_label("Prompt", exact=True).fill(BLOCKED)
    page.get_by_role("button", name="Generate").click()
    gemini_site.finish()
    page.get_by_role("link", name="Refresh").click()
    card = page.locator(".job")
    expect(card).to_contain_text("would not draw this")
    check_width(page)
    card.get_by_role("button", name=re.compile("Dismiss")).click()
    expect(card).to_have_count(0)
