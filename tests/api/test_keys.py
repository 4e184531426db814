"""/api/keys and /api/me: who may use the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models import Role
from app.services.keys import create_key
from tests.api.conftest import Ask

FIELDS = [
    "id",
    "name",
    "role",
    "requests_per_minute",
    "daily_budget_usd",
    "monthly_budget_usd",
    "prefix",
    "created_at",
    "last_used_at",
    "revoked_at",
]


def test_a_new_key_is_told_once_and_works(ask: Ask, client: FlaskClient) -> None:
    answer = make(ask, "laptop", "viewer")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    token = answer.json["token"]
    assert list(answer.json) == [*FIELDS, "token"]
    assert token.startswith(answer.json["prefix"])
    assert client.get("/api/me", headers=bearer(token)).json["name"] == "laptop"
    assert token not in ask("GET", "/api/keys", role="admin").text


def test_the_list_has_every_key_and_what_became_of_it(ask: Ask) -> None:
    key = make(ask, "laptop", "creator").json
    ask("DELETE", f"/api/keys/{key['id']}", role="admin")
    items = ask("GET", "/api/keys", role="admin").json["items"]
    assert [each["name"] for each in items] == ["the viewer", "the creator", "the admin", "laptop"]
    assert [each["role"] for each in items] == ["viewer", "creator", "admin", "creator"]
    assert [each["revoked_at"] is None for each in items] == [True, True, True, False]
    assert {tuple(each) for each in items} == {tuple(FIELDS)}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer"}, "name"),
        ({"name": "laptop"}, "role"),
        ({"name": "laptop", "role": "root"}, "role"),
        ({"name": "laptop", "role": None}, "role"),
        ({"name": " ", "role": "viewer"}, "name"),
        ({"name": "x" * 101, "role": "viewer"}, "name"),
        ({"name": "a\0", "role": "viewer"}, "name"),
        ({"name": 7, "role": "viewer"}, "name"),
        ({"name": "laptop", "role": "viewer", "sha256": "x"}, "sha256"),
    ],
)
def test_a_key_that_cannot_be_is_422_and_named(ask: Ask, body: dict[str, Any], field: str) -> None:
    answer = ask("POST", "/api/keys", role="admin", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert len(ask("GET", "/api/keys", role="admin").json["items"]) == 3


def test_a_name_that_a_live_key_has_is_409(ask: Ask) -> None:
    answer = make(ask, "the admin", "viewer")
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


def test_a_key_may_have_budgets_and_they_can_be_changed(ask: Ask) -> None:
    body = {"name": "laptop", "role": "creator", "daily_budget_usd": 5, "monthly_budget_usd": 0.1}
    key = ask("POST", "/api/keys", role="admin", json=body).json
    assert (key["daily_budget_usd"], key["monthly_budget_usd"]) == (5, 0.1)
    for change, expected in (
        ({"daily_budget_usd": 12.345678}, (12.345678, 0.1)),
        ({"monthly_budget_usd": None}, (12.345678, None)),
        ({}, (12.345678, None)),
    ):
        changed = ask("PATCH", f"/api/keys/{key['id']}", role="admin", json=change)
        assert list(changed.json) == FIELDS
        assert (changed.json["daily_budget_usd"], changed.json["monthly_budget_usd"]) == expected


@pytest.mark.parametrize("value", [-1, "5", True, 1_000_001, 1e400])
def test_what_is_no_budget_is_422(ask: Ask, value: Any) -> None:
    for method, path in (("POST", "/api/keys"), ("PATCH", "/api/keys/1")):
        named = {"name": "laptop", "role": "viewer"} if method == "POST" else {}
        body = {**named, "daily_budget_usd": value}
        answer = ask(method, path, role="admin", json=body)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["field"].startswith("daily_budget_usd")


def test_a_revoked_key_opens_nothing_and_keeps_its_time(ask: Ask, client: FlaskClient) -> None:
    key = make(ask, "laptop", "admin").json
    path = f"/api/keys/{key['id']}"
    assert ask("DELETE", path, role="admin").status_code == 204
    first = revoked(ask, key)
    assert ask("DELETE", path, role="admin").status_code == 204
    assert revoked(ask, key) == first is not None
    assert client.get("/api/me", headers=bearer(key["token"])).status_code == 401


@pytest.mark.parametrize("key_id", ["99", "0", "9" * 30])
def test_an_unknown_key_is_404(ask: Ask, key_id: str) -> None:
    answer = ask("DELETE", f"/api/keys/{key_id}", role="admin")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_the_last_live_admin_key_cannot_be_revoked(ask: Ask) -> None:
    answer = ask("DELETE", "/api/keys/3", role="admin")
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert "last live admin key" in answer.json["detail"]
    assert ask("GET", "/api/keys", role="admin").status_code == 200


def test_an_admin_may_revoke_their_own_key_when_there_is_another(ask: Ask) -> None:
    make(ask, "spare", "admin")
    assert ask("DELETE", "/api/keys/3", role="admin").status_code == 204
    assert ask("GET", "/api/me", role="admin").status_code == 401


def test_one_admin_is_left_when_all_are_revoked_at_once(app: Flask) -> None:
    with app.app_context():
        made = [create_key(f"admin {number}", Role.ADMIN) for number in range(6)]
        keys = [(key.id, token) for key, token in made]

    def revoke_the_next(number: int) -> int:
        path = f"/api/keys/{keys[(number + 1) % 6][0]}"
        return app.test_client().delete(path, headers=bearer(keys[number][1])).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(revoke_the_next, range(6)))
    assert set(statuses) <= {204, 401, 409}  # 401: revoked before they got to ask
    live = [token for _, token in keys if is_admin(app, token)]
    assert len(live) == 6 - statuses.count(204) >= 1


@pytest.mark.parametrize("role", ["viewer", "creator", "admin"])
def test_everyone_is_told_who_they_are(ask: Ask, role: str) -> None:
    shown = ask("GET", "/api/me", role=role).json
    assert list(shown) == ["name", "role", "prefix", "created_at"]
    assert (shown["name"], shown["role"]) == (f"the {role}", role)
    assert shown["prefix"].startswith("ps_")
    assert shown["created_at"].endswith("Z")


def make(ask: Ask, name: str, role: str) -> TestResponse:
    return ask("POST", "/api/keys", role="admin", json={"name": name, "role": role})


def revoked(ask: Ask, key: dict[str, Any]) -> str | None:
    items = ask("GET", "/api/keys", role="admin").json["items"]
    [found] = [each["revoked_at"] for each in items if each["id"] == key["id"]]
    return None if found is None else str(found)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def is_admin(app: Flask, token: str) -> bool:
    return app.test_client().get("/api/keys", headers=bearer(token)).status_code == 200
