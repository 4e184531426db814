"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.models import Role
from app.services.keys import create_key
from app.services.sessions import make_login_code
from tests.web.conftest import OURS


@pytest.fixture
def key(app: Flask) -> tuple[int, str]:
    """A live key: its id and itself."""
    with app.app_context():
        made, token = create_key("laptop", Role.CREATOR)
        return made.id, token


def log_in(client: FlaskClient, secret: str, **more: str) -> TestResponse:
    return client.post("/login", data={"secret": secret, **more}, headers=OURS)


def test_a_key_logs_in_and_leads_to_the_gallery(client: FlaskClient, key: tuple[int, str]) -> None:
    answer = log_in(client, f" {key[1]}\n")
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/", headers=OURS).status_code == 200


def test_the_whole_link_may_be_pasted(app: Flask, key: tuple[int, str]) -> None:
    with app.app_context():
        code = make_login_code(key[0])
    pasted = f"http://127.0.0.1:8000/login#{code}"
    assert log_in(app.test_client(), pasted).status_code == 303


def test_a_code_logs_in_once(app: Flask, key: tuple[int, str]) -> None:
    with app.app_context():
        code = make_login_code(key[0])
    assert log_in(app.test_client(), code).status_code == 303
    assert log_in(app.test_client(), code).status_code == 401


def test_a_get_spends_no_code(app: Flask, key: tuple[int, str], client: FlaskClient) -> None:
    with app.app_context():
        code = make_login_code(key[0])
    client.get(f"/login?secret={code}", headers=OURS)
    assert log_in(client, code).status_code == 303


@pytest.mark.parametrize("secret", ["ps_wrong", "x", "x" * 300, "\x00"])
def test_what_is_wrong_is_told_and_where_to_get_a_new_link(
    client: FlaskClient, secret: str
) -> None:
    answer = log_in(client, secret)
    assert answer.status_code == 401
    assert "keys login" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_nothing_at_all_is_told_too(client: FlaskClient) -> None:
    assert log_in(client, "  ").status_code == 422


@pytest.mark.parametrize("target", ["//[", "/\\[", "http://[", "\x00"])
def test_no_address_to_go_on_to_breaks_the_form(client: FlaskClient, target: str) -> None:
    assert client.get("/login", query_string={"next": target}, headers=OURS).status_code == 200


def test_who_is_logged_in_is_told_so_before_becoming_somebody_else(
    client: FlaskClient, key: tuple[int, str]
) -> None:
    log_in(client, key[1])
    assert 'data-name="laptop"' in client.get("/login", headers=OURS).text


def test_guessing_is_limited(make_app: Callable[..., Flask]) -> None:
    client = make_app(wrong_keys_per_minute=3).test_client()
    statuses = [log_in(client, "ps_wrong").status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/images/17?q=fox", "/images/17?q=fox"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("//[", "/"),
        ("/\\[", "/"),
        ("http://[", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_it_goes_on_to_a_page_of_ours_alone(
    client: FlaskClient, key: tuple[int, str], target: str, leads_to: str
) -> None:
    assert log_in(client, key[1], next=target).location == leads_to


def test_who_logs_out_is_out_and_the_cookie_is_of_no_use(
    client: FlaskClient, key: tuple[int, str]
) -> None:
    cookie = log_in(client, key[1]).headers["Set-Cookie"].partition(";")[0]
    assert client.post("/logout", headers=OURS).location == "/login"
    answer = client.get("/", headers={**OURS, "Cookie": cookie})
    assert answer.status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    client: FlaskClient, key: tuple[int, str]
) -> None:
    cookie = log_in(client, key[1]).headers["Set-Cookie"]
    assert cookie.startswith("proofsheet_")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_over_https_the_cookie_is_bound_to_this_host(make_app: Callable[..., Flask]) -> None:
    app = make_app(public_url="https://pictures.example.org")
    with app.app_context():
        _, token = create_key("laptop", Role.CREATOR)
    cookie = log_in(app.test_client(), token).headers["Set-Cookie"]
    assert cookie.startswith("__Host-proofsheet_")
    assert "Secure" in cookie.split("; ")


def test_instances_on_one_host_have_cookies_of_their_own(make_app: Callable[..., Flask]) -> None:
    names = set()
    for secret in ("0123456789abcdef", "fedcba9876543210"):
        app = make_app(secret=secret)
        with app.app_context():
            _, token = create_key(secret, Role.CREATOR)
        names.add(log_in(app.test_client(), token).headers["Set-Cookie"].partition("=")[0])
    assert len(names) == 2


def test_the_form_is_kept_nowhere(client: FlaskClient) -> None:
    answer = client.get("/login", headers=OURS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
