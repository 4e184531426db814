"""The same page asked for again, while nothing changed, and after something did."""

from __future__ import annotations

from flask import Flask, Response

from app.api.recent_pages import MOST_BYTES, MOST_PAGES, RecentPages
from app.services.marks import Marks, change_image, put
from tests.api.conftest import Ask
from tests.models.conftest import statements
from tests.models.samples import kept_image

__all__ = ["statements"]


def selects(statements: list[str]) -> int:
    return sum(each.startswith("SELECT") for each in statements)


def test_a_page_that_was_just_answered_is_not_read_again(
    context: Flask, ask: Ask, statements: list[str]
) -> None:
    kept_image("A fox")
    first = ask("GET", "/api/images?page=1")
    statements.clear()
    again = ask("GET", "/api/images?page=1")
    assert selects(statements) == 2  # the key, and the history's revision
    assert again.get_json() == first.get_json()
    assert again.headers["Link"] == first.headers["Link"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == first.headers["Vary"]


def test_a_change_shows_at_once(context: Flask, ask: Ask) -> None:
    image_id = kept_image("A fox").id
    assert ask("GET", "/api/images").get_json()["items"][0]["favourite"] is False
    change_image(image_id, put(Marks(favourite=True)))
    assert ask("GET", "/api/images").get_json()["items"][0]["favourite"] is True
    kept_image("A wolf")
    assert ask("GET", "/api/images").get_json()["total"] == 2


def test_another_question_has_another_answer(context: Flask, ask: Ask) -> None:
    for _ in range(3):
        kept_image()
    pages = [ask("GET", f"/api/images?limit=1&sort={sort}") for sort in ("newest", "oldest")]
    assert pages[0].get_json()["items"] != pages[1].get_json()["items"]


def test_those_not_asked_for_longest_go_first() -> None:
    pages = RecentPages()
    for number in range(MOST_PAGES):
        pages.keep(str(number), Response(b"{}"))
    assert pages.get("0") is not None
    pages.keep("one more", Response(b"{}"))
    assert pages.get("0") is not None
    assert pages.get("1") is None


def test_a_very_large_page_is_not_kept() -> None:
    pages = RecentPages()
    pages.keep("large", Response(b"x" * (MOST_BYTES + 1)))
    assert pages.get("large") is None
