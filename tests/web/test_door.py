"""Who may see which page, and what keeps pages of others out."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.keys import revoke_key
from app.web.door import role_of
from tests.web.conftest import OURS, Browse, browser

ROLES = ["viewer", "creator", "admin"]


def pages(app: Flask) -> list[tuple[str, str, str | None]]:
    """Return method, path and needed role of every web route."""
    return [
        (method, path_of(rule.rule), role_of(app.view_functions[rule.endpoint]))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("web.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    ]


def path_of(rule: str) -> str:
    return re.sub("<[^>]+>", "x", re.sub("<int:[^>]+>", "1", rule))


def test_every_page_says_who_may_see_it(app: Flask) -> None:
    assert pages(app)


def test_without_a_session_pages_lead_to_the_login_and_back(client: FlaskClient) -> None:
    answer = client.get("/?q=fox&tag=sea", headers=OURS)
    assert answer.status_code == 303
    assert answer.location == "/login?next=/?q%3Dfox%26tag%3Dsea"


def test_without_a_session_nothing_is_done(app: Flask) -> None:
    client = app.test_client()
    for method, path, role in pages(app):
        if role is not None and method != "GET":
            assert client.open(path, method=method, headers=OURS).status_code == 401, path


@pytest.mark.parametrize("role", ROLES)
def test_a_session_opens_what_its_role_may_and_no_more(
    browse: Browse, app: Flask, role: str
) -> None:
    for method, path, needed in pages(app):
        if needed is not None:
            allowed = ROLES.index(role) >= ROLES.index(needed)
            status = browse(method, path, role=role).status_code
            assert (status not in {401, 403}) is allowed, (method, path)


def test_a_revoked_key_ends_its_session(app: Flask) -> None:
    browse = browser(app)
    assert browse("GET", "/").status_code == 200
    with app.app_context():
        revoke_key("the creator")
    assert browse("GET", "/").status_code == 303


def test_every_page_keeps_others_from_framing_it_and_scripts_of_others_out(browse: Browse) -> None:
    headers = browse("GET", "/").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:x"},
    ],
)
def test_what_other_pages_send_does_nothing(app: Flask, headers: dict[str, str]) -> None:
    browse = browser(app)
    sent = {"Sec-Fetch-Site": None, **headers}
    assert (
        browse("POST", "/searches", data={"search": "x", "q": "fox"}, headers=sent).status_code
        == 403
    )
    answer = browse("PUT", "/api/searches/x", json={"query": {"q": "fox"}}, headers=sent)
    assert answer.status_code == 403
    assert browse("GET", "/api/searches").json["items"] == []


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}]
)
def test_what_our_own_page_sends_is_done(app: Flask, headers: dict[str, str]) -> None:
    browse = browser(app)
    sent = {"Sec-Fetch-Site": None, **headers}
    assert (
        browse("POST", "/searches", data={"search": "x", "q": "fox"}, headers=sent).status_code
        == 303
    )
    assert [each["name"] for each in browse("GET", "/api/searches").json["items"]] == ["x"]


def test_the_origin_is_held_against_the_public_address_where_there_is_one(
    make_app: object,
) -> None:
    app = make_app(public_url="https://pictures.example.org")  # type: ignore[operator]
    browse = browser(app)
    for origin, status in (("https://pictures.example.org", 303), ("http://localhost", 403)):
        sent = {"Sec-Fetch-Site": None, "Origin": origin}
        answer = browse("POST", "/searches", data={"search": "x", "q": "a"}, headers=sent)
        assert answer.status_code == status
