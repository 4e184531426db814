"""/api/shares: proof sheets by the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.services.proof_sheets import Mark, open_sheet, save_marks
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, kept_image


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Two images."""
    with app.app_context():
        return [kept_image(prompt).id for prompt in ("A fox", "A hare")]


def share(ask: Ask, ids: list[int], **more: Any) -> dict[str, Any]:
    """Share pictures; return the answer."""
    answer = ask("POST", "/api/shares", json={"title": "Animals", "ids": ids, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def token_of(made: dict[str, Any]) -> str:
    return str(made["link"]).rpartition("/s/")[2]


def test_a_sheet_is_made_and_its_link_is_told_once(ask: Ask, app: Flask, ids: list[int]) -> None:
    made = share(ask, ids, days=3, greeting="Which one?")
    assert made["link"].startswith("http://localhost/s/")
    assert (made["state"], made["pictures"], made["made_by"]) == ("open", 2, "the creator")
    shown = ask("GET", made["links"]["self"]).json
    assert "link" not in shown
    assert token_of(made) not in str(shown)
    with app.app_context():
        assert open_sheet(token_of(made)).greeting == "Which one?"


def test_what_was_picked_comes_back(ask: Ask, app: Flask, ids: list[int]) -> None:
    made = share(ask, ids)
    empty = ask("GET", made["links"]["picks"])
    with app.app_context():
        save_marks(token_of(made), {2: Mark(True, "This one")}, "Ann")
    [listed] = ask("GET", "/api/shares").json["items"]
    assert (listed["picks"], listed["words"], listed["guest"]) == (1, 1, "Ann")
    assert ask("GET", made["links"]["self"]).json["items"] == [
        {"number": 1, "image": ids[0], "picked": False, "word": None},
        {"number": 2, "image": ids[1], "picked": True, "word": "This one"},
    ]
    # A pick makes another list of what was kept before.
    again = {"If-None-Match": empty.headers["ETag"]}
    found = ask("GET", made["links"]["picks"], headers=again, role="viewer").json["items"]
    assert [each["id"] for each in found] == [ids[1]]
    assert ask("GET", made["links"]["images"]).json["total"] == 2


def test_a_revoked_sheet_stays_in_the_list(ask: Ask, ids: list[int]) -> None:
    made = share(ask, ids)
    for _ in range(2):
        assert ask("DELETE", made["links"]["self"]).status_code == 204
    assert ask("GET", made["links"]["self"]).json["state"] == "revoked"
    assert ask("PATCH", made["links"]["self"], json={"days": 1}).status_code == 409
    assert ask("POST", f"{made['links']['self']}/link").status_code == 409


def test_a_sheet_can_be_prolonged_and_its_link_made_anew(
    ask: Ask, app: Flask, ids: list[int]
) -> None:
    made = share(ask, ids, days=1)
    changed = ask("PATCH", made["links"]["self"], json={"days": 30}).json
    assert changed["expires_at"] > made["expires_at"]
    renewed = ask("POST", f"{made['links']['self']}/link")
    assert renewed.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert open_sheet(token_of(renewed.json)).title == "Animals"


@ON_SQLITE
def test_the_list_goes_on_by_cursor(ask: Ask, ids: list[int]) -> None:
    made = [share(ask, ids)["id"] for _ in range(3)]
    page = ask("GET", "/api/shares?limit=2").json
    rest = ask("GET", f"/api/shares?limit=2&cursor={page['next_cursor']}").json
    assert [each["id"] for each in page["items"] + rest["items"]] == made[::-1]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "", "ids": [1]}, "title"),
        ({"title": "A", "ids": []}, "ids"),
        ({"title": "A", "ids": [1], "days": 366}, "days"),
        ({"title": "A", "ids": [1], "prompts": "yes"}, "prompts"),
    ],
)
@ON_SQLITE
def test_what_cannot_be_shared_says_why(ask: Ask, body: dict[str, Any], field: str) -> None:
    answer = ask("POST", "/api/shares", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


@ON_SQLITE
def test_what_is_not_there_is_404(ask: Ask) -> None:
    for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/link")]:
        for number in (7, 10**30):
            assert ask(method, f"/api/shares/{number}{path}").status_code == 404
    assert ask("POST", "/api/shares", json={"title": "A", "ids": [7]}).status_code == 404
