"""/api/searches: filters kept by a name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import Ask, draw

FOXES: dict[str, Any] = {"q": "fox -snow", "favourite": "false", "tag": ["a", "b"]}


def test_a_search_is_kept_for_all_and_replaced_by_its_name(ask: Ask) -> None:
    made = ask("PUT", "/api/searches/My foxes", json={"query": FOXES})
    assert (made.status_code, made.json["name"]) == (201, "My foxes")
    again = ask("PUT", "/api/searches/My foxes", json={"query": {"q": "fox"}})
    assert again.status_code == 200
    [kept] = ask("GET", "/api/searches", role="viewer").json["items"]
    assert kept == ask("GET", kept["links"]["self"]).json == again.json
    assert kept["query"] == {"q": ["fox"]}


def test_its_link_leads_to_what_it_finds(ask: Ask) -> None:
    draw(ask, "A red fox", size="512")
    draw(ask, "A fox in the snow", size="512")
    kept = ask("PUT", "/api/searches/foxes", json={"query": {"q": "fox -snow"}}).json
    found = ask("GET", kept["links"]["images"]).json
    assert [image["prompt"] for image in found["items"]] == ["A red fox"]


def test_a_forgotten_search_is_gone_and_may_be_forgotten_again(ask: Ask) -> None:
    ask("PUT", "/api/searches/foxes", json={"query": FOXES})
    assert ask("DELETE", "/api/searches/foxes").status_code == 204
    assert ask("GET", "/api/searches/foxes").status_code == 404
    assert ask("DELETE", "/api/searches/foxes").status_code == 204


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"page": "2"}, "page"),
        ({"since": "yesterday"}, "since"),
        ({"q": ["a", "b"]}, "q"),
        ({"q": []}, "q"),
        ({"favourite": True}, "query.favourite"),
    ],
)
def test_what_is_no_filter_is_refused(ask: Ask, query: dict[str, Any], field: str) -> None:
    answer = ask("PUT", "/api/searches/foxes", json={"query": query})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith(field)
    assert ask("GET", "/api/searches").json["items"] == []


@pytest.mark.parametrize("name", ["x" * 101, "a%00b", "a%0Ab"])
def test_a_name_that_cannot_be_is_refused(ask: Ask, name: str) -> None:
    assert ask("PUT", f"/api/searches/{name}", json={"query": FOXES}).status_code == 422
    assert ask("GET", f"/api/searches/{name}").status_code == 404


def test_of_two_that_make_the_same_name_at_once_one_is_kept(ask: Ask) -> None:
    def save(_number: int) -> int:
        return ask("PUT", "/api/searches/foxes", json={"query": FOXES}).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(save, range(6)))
    assert codes.count(201) == 1
    assert set(codes) <= {200, 201, 409}
    assert len(ask("GET", "/api/searches").json["items"]) == 1
