"""GET /api/prompts and its suggestions: what was asked before, each once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Ask
from tests.models.samples import kept_image


@pytest.fixture
def kept(app: Flask) -> None:
    with app.app_context():
        for words in ("A red fox", "An owl", "a  red FOX", "A hare"):
            kept_image(words)


def items(ask: Ask, path: str) -> list[dict[str, Any]]:
    answer = ask("GET", path, role="viewer")
    assert answer.status_code == 200
    return list(answer.json["items"])


def test_prompts_are_listed_each_once_and_lead_to_their_images(ask: Ask, kept: None) -> None:
    hare, fox, owl = items(ask, "/api/prompts")
    assert [each["text"] for each in (hare, fox, owl)] == ["A hare", "a  red FOX", "An owl"]
    assert (fox["uses"], fox["images"], fox["favourites"]) == (2, 2, 0)
    images = items(ask, fox["links"]["images"])
    assert [each["prompt"] for each in images] == ["a  red FOX", "A red fox"]
    assert fox["newest_image"] == {"id": images[0]["id"], "links": images[0]["links"]}
    assert [fox["last_used_at"], fox["first_used_at"]] == [each["created_at"] for each in images]


def test_they_are_searched_and_sorted_by_uses(ask: Ask, kept: None) -> None:
    assert [each["uses"] for each in items(ask, "/api/prompts?sort=uses")] == [2, 1, 1]
    assert [each["text"] for each in items(ask, "/api/prompts?q=ow&sort=uses")] == ["An owl"]


def test_links_lead_on_and_back_within_the_same_list(ask: Ask, kept: None) -> None:
    first = ask("GET", "/api/prompts?sort=uses&limit=2")
    onward = first.headers["Link"].removeprefix("<").partition(">")[0]
    second = ask("GET", onward)
    assert [each["text"] for each in second.json["items"]] == ["An owl"]
    assert 'rel="prev"' in second.headers["Link"]
    back = ask("GET", f"/api/prompts?sort=uses&limit=2&cursor={second.json['prev_cursor']}")
    assert back.json["items"] == first.json["items"]
    other = ask("GET", f"/api/prompts?cursor={second.json['prev_cursor']}")
    assert (other.status_code, other.json["errors"][0]["field"]) == (422, "cursor")


def test_suggestions_begin_as_was_typed_then_have_its_words(ask: Ask, kept: None) -> None:
    assert [each["text"] for each in items(ask, "/api/prompts/suggest?q=a%20RE")] == ["a  red FOX"]
    assert [each["text"] for each in items(ask, "/api/prompts/suggest?q=fo")] == ["a  red FOX"]
    [last] = items(ask, "/api/prompts/suggest?limit=1")
    assert (last["text"], last["uses"]) == ("A hare", 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [("?sort=newest", "sort"), ("?limit=0", "limit"), ("/suggest?limit=21", "limit")],
)
def test_what_cannot_be_is_refused(ask: Ask, query: str, field: str) -> None:
    answer = ask("GET", f"/api/prompts{query}")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_what_is_known_already_is_304(ask: Ask, kept: None) -> None:
    tag = ask("GET", "/api/prompts").headers["ETag"]
    assert ask("GET", "/api/prompts", headers={"If-None-Match": tag}).status_code == 304
