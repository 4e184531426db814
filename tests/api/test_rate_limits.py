"""429: who asks too often, or tries too many keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models import Role
from app.services.keys import create_key
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
def limited(make_app: Callable[..., Flask]) -> FlaskClient:
    """A client of an app that takes three requests, and three wrong keys, a minute."""
    return make_app(requests_per_minute=3, wrong_keys_per_minute=3).test_client()


def ask_me(client: FlaskClient, headers: dict[str, str]) -> TestResponse:
    return client.get("/api/me", headers=headers)


def test_the_fourth_of_three_requests_is_429_and_says_when_to_go_on(
    limited: FlaskClient, keys: dict[str, dict[str, str]]
) -> None:
    answers = [ask_me(limited, keys["viewer"]) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    refused = answers[-1]
    assert (refused.mimetype, refused.json["code"]) == (
        "application/problem+json",
        "too_many_requests",
    )
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Retry-After"] in refused.json["detail"]


def test_every_answer_tells_what_is_left(
    limited: FlaskClient, keys: dict[str, dict[str, str]]
) -> None:
    for left in (2, 1, 0, 0):
        answer = ask_me(limited, keys["viewer"])
        assert answer.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
        assert answer.headers["RateLimit"].startswith(f'"requests";r={left};t=')


def test_another_key_is_not_held_up(limited: FlaskClient, keys: dict[str, dict[str, str]]) -> None:
    for _ in range(4):
        ask_me(limited, keys["viewer"])
    assert ask_me(limited, keys["creator"]).status_code == 200


def test_what_a_role_may_not_do_counts_as_well(
    limited: FlaskClient, keys: dict[str, dict[str, str]]
) -> None:
    statuses = [limited.get("/api/keys", headers=keys["viewer"]).status_code for _ in range(4)]
    assert statuses == [403, 403, 403, 429]


def test_who_tries_keys_is_stopped_and_holds_up_nobody_who_has_one(
    limited: FlaskClient, keys: dict[str, dict[str, str]]
) -> None:
    tries = [ask_me(limited, {"Authorization": f"Bearer ps_{n}"}) for n in range(5)]
    assert [each.status_code for each in tries] == [401, 401, 401, 429, 429]
    assert int(tries[-1].headers["Retry-After"]) >= 1
    assert tries[-1].headers["RateLimit"].startswith('"wrong-keys";r=0;t=')
    assert ask_me(limited, keys["viewer"]).status_code == 200


def test_who_sends_no_key_at_all_is_told_so_each_time(limited: FlaskClient) -> None:
    assert [ask_me(limited, {}).status_code for _ in range(5)] == [401] * 5


def test_a_limit_of_a_keys_own_goes_before_the_setting(limited: FlaskClient, app: Flask) -> None:
    with app.app_context():
        _, token = create_key("slow", Role.VIEWER, requests_per_minute=1)
    headers = {"Authorization": f"Bearer {token}"}
    assert [ask_me(limited, headers).status_code for _ in range(2)] == [200, 429]


def test_a_limit_that_is_lifted_is_not_told(
    make_app: Callable[..., Flask], keys: dict[str, dict[str, str]]
) -> None:
    free = make_app(requests_per_minute="none").test_client()
    assert "RateLimit" not in ask_me(free, keys["viewer"]).headers


def test_a_key_is_made_with_a_limit_and_listed_with_it(ask: Ask) -> None:
    body = {"name": "slow", "role": "viewer", "requests_per_minute": 7}
    assert ask("POST", "/api/keys", role="admin", json=body).json["requests_per_minute"] == 7
    listed = ask("GET", "/api/keys", role="admin").json["items"]
    assert [each["requests_per_minute"] for each in listed] == [None, None, None, 7]


@pytest.mark.parametrize("limit", [0, -1, 1_000_001, 10**30, "7", 7.5, True])
def test_a_limit_that_is_none_is_422(ask: Ask, limit: object) -> None:
    body = {"name": "slow", "role": "viewer", "requests_per_minute": limit}
    answer = ask("POST", "/api/keys", role="admin", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "requests_per_minute")
