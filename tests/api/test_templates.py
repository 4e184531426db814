"""/api/templates: named templates, in versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import Ask, draw
from tests.models.samples import ON_SQLITE

OIL = {"name": "oil", "text": "{user_input}, in oil"}
PATH = "/api/templates/oil"


@pytest.fixture
def oil(ask: Ask) -> dict[str, Any]:
    """A template."""
    return dict(ask("POST", "/api/templates", json=OIL).json)


def test_a_new_template_is_told_with_its_address(ask: Ask) -> None:
    answer = ask("POST", "/api/templates", json=OIL)
    assert (answer.status_code, answer.headers["Location"]) == (201, PATH)
    shown = answer.json
    assert (shown["name"], shown["text"], shown["version"]) == ("oil", OIL["text"], 1)
    assert shown["placeholders"] == ["user_input"]
    assert shown["created_at"].endswith("Z")


def test_a_name_that_is_taken_is_409(ask: Ask, oil: dict[str, Any]) -> None:
    answer = ask("POST", "/api/templates", json={**OIL, "text": "{user_input}!"})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert "PUT" in answer.json["detail"]
    assert ask("GET", PATH).json["version"] == 1


def test_a_new_text_is_a_new_version_and_the_old_ones_stay(ask: Ask, oil: dict[str, Any]) -> None:
    answer = ask("PUT", PATH, json={"text": "{user_input}, in thick oil"})
    assert (answer.status_code, answer.json["version"]) == (200, 2)
    shown = ask("GET", PATH, role="viewer").json
    assert shown["text"] == "{user_input}, in thick oil"
    assert [each["version"] for each in shown["versions"]] == [2, 1]
    assert shown["versions"][1]["text"] == OIL["text"]


def test_the_same_text_is_no_new_version(ask: Ask, oil: dict[str, Any]) -> None:
    answer = ask("PUT", PATH, json={"text": OIL["text"]})
    assert (answer.status_code, answer.json) == (200, oil)


def test_the_list_has_the_newest_versions_by_name(ask: Ask, oil: dict[str, Any]) -> None:
    ask("POST", "/api/templates", json={"name": "ink", "text": "{user_input}, in ink"})
    ask("PUT", PATH, json={"text": "{user_input}, in thick oil"})
    items = ask("GET", "/api/templates", role="viewer").json["items"]
    assert [(each["name"], each["version"]) for each in items] == [("ink", 1), ("oil", 2)]


def test_without_templates_the_list_is_empty(ask: Ask) -> None:
    assert ask("GET", "/api/templates").json == {"items": []}


def test_a_deleted_template_is_gone_with_its_versions(ask: Ask, oil: dict[str, Any]) -> None:
    ask("PUT", PATH, json={"text": "{user_input}, in thick oil"})
    answer = ask("DELETE", PATH)
    assert (answer.status_code, answer.data) == (204, b"")
    assert ask("GET", PATH).status_code == 404
    assert ask("POST", "/api/templates", json=OIL).json["version"] == 1


def test_what_was_made_with_a_deleted_template_keeps_its_words(
    ask: Ask, oil: dict[str, Any]
) -> None:
    made = draw(ask, "A fox", template="oil", size="512").json
    ask("DELETE", PATH)
    kept = ask("GET", made["links"]["self"]).json
    assert (kept["final_prompt"], kept["template"]) == ("A fox, in oil", "oil")


def test_a_preview_fills_in_the_words_and_draws_nothing(ask: Ask) -> None:
    text = "{user_input}, a {style} in {{braces}}"
    ask("POST", "/api/templates", json={"name": "oil", "text": text})
    body = {"prompt": " A {fox} ", "variables": {"style": "poster"}}
    answer = ask("POST", f"{PATH}/preview", json=body, role="viewer")
    assert answer.json == {
        "final_prompt": "A {fox}, a poster in {braces}",
        "placeholders": ["style", "user_input"],
    }
    assert ask("GET", "/api/images").json["total"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "prompt"),
        ({"prompt": " "}, "prompt"),
        ({"prompt": "x", "variables": {"style": "ink"}}, "variables"),
        ({"prompt": "x", "variables": {"user_input": "y"}}, "variables"),
        ({"prompt": "x", "variables": {"style": 7}}, "variables.style"),
        ({"prompt": "x", "model": "y"}, "model"),
    ],
)
def test_a_preview_that_cannot_be_made_is_422_and_named(
    ask: Ask, oil: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = ask("POST", f"{PATH}/preview", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "{user_input}"}, "name"),
        ({"name": "ink"}, "text"),
        ({"name": "", "text": "{user_input}"}, "name"),
        ({"name": "a b", "text": "{user_input}"}, "name"),
        ({"name": "x" * 65, "text": "{user_input}"}, "name"),
        ({"name": "ink", "text": "no words"}, "text"),
        ({"name": "ink", "text": "{user_input"}, "template"),
        ({"name": "ink", "text": "{user_input} \0"}, "text"),
        ({"name": "ink", "text": "{user_input}" + "x" * 20_000}, "text"),
        ({"name": "ink", "text": 7}, "text"),
        ({"name": "ink", "text": "{user_input}", "version": 7}, "version"),
    ],
)
def test_a_template_that_cannot_be_is_422_and_named(
    ask: Ask, body: dict[str, Any], field: str
) -> None:
    answer = ask("POST", "/api/templates", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert ask("GET", "/api/templates").json["items"] == []


def test_a_new_version_is_checked_like_a_new_template(ask: Ask, oil: dict[str, Any]) -> None:
    assert ask("PUT", PATH, json={"text": "no words"}).status_code == 422
    assert ask("PUT", PATH, json={**OIL}).status_code == 422
    assert ask("GET", PATH).json["version"] == 1


@pytest.mark.parametrize("name", ["none", "%00", "x" * 300, "a%20b"])
def test_an_unknown_template_is_404_whatever_is_asked_of_it(ask: Ask, name: str) -> None:
    path = f"/api/templates/{name}"
    answers = [
        ask("GET", path),
        ask("PUT", path, json={"text": "{user_input}"}),
        ask("DELETE", path),
        ask("POST", f"{path}/preview", json={"prompt": "x"}),
    ]
    assert [(each.status_code, each.json["code"]) for each in answers] == [(404, "not_found")] * 4


def test_of_those_who_take_a_name_at_once_only_one_gets_it(ask: Ask) -> None:
    def take(number: int) -> int:
        body = {"name": "oil", "text": f"{{user_input}} {number}"}
        return ask("POST", "/api/templates", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [201] + [409] * 7
    assert len(ask("GET", PATH).json["versions"]) == 1


def test_every_version_that_was_answered_is_kept(ask: Ask, oil: dict[str, Any]) -> None:
    def change(number: int) -> int | None:
        answer = ask("PUT", PATH, json={"text": f"{{user_input}} {number}"})
        assert answer.status_code in {200, 409}
        return answer.json.get("version")

    with ThreadPoolExecutor(8) as pool:
        given = [version for version in pool.map(change, range(8)) if version]
    kept = [each["version"] for each in ask("GET", PATH).json["versions"]]
    assert [*sorted(given, reverse=True), 1] == kept


@ON_SQLITE
def test_a_changed_template_does_not_change_what_is_previewed_of_another(
    ask: Ask, oil: dict[str, Any]
) -> None:
    ask("POST", "/api/templates", json={"name": "ink", "text": "{user_input}, in ink"})
    shown = ask("POST", f"{PATH}/preview", json={"prompt": "A fox"}).json
    assert shown["final_prompt"] == "A fox, in oil"
