"""What pages of others can have a browser do that is logged in here: nothing, with any route."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.models import Role
from app.services.keys import create_key
from tests.conftest import key_of_each
from tests.models.samples import ON_SQLITE
from tests.web.conftest import OURS, logged_in
from tests.web.walk import SAFE, routes

pytestmark = ON_SQLITE
OTHERS: dict[str, dict[str, str]] = {
    "no word on it": {},
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "another site without an origin": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    "nobody": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "https://evil.example"},
    "another port": {"Origin": "http://localhost:8080"},
    "no origin at all": {"Origin": "null"},
}
OWN = ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"})
# What takes no cookie at all answers 401 to a browser, wherever it comes from.
COOKIES = ("web.", "api.")
OF_PAGES = {"Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "Permissions-Policy"}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that is logged in as an admin."""
    return logged_in(app, key_of_each(app)["admin"])


def changes(app: Flask) -> list[tuple[str, str]]:
    """Return method and address of all that may change something."""
    return [each for each in routes(app, *COOKIES) if each[0] not in SAFE]


@pytest.mark.parametrize("headers", OTHERS.values(), ids=OTHERS)
def test_they_can_change_nothing(app: Flask, client: FlaskClient, headers: dict[str, str]) -> None:
    done = []
    for method, path in changes(app):
        answer = client.open(path, method=method, headers=headers, json={})
        if answer.status_code != 403 or "was not sent from a page" not in answer.text:
            done.append((method, path, answer.status_code))
    assert changes(app)
    assert not done


@pytest.mark.parametrize("headers", OWN)
def test_our_own_pages_can_whatever_becomes_of_it(app: Flask, headers: dict[str, str]) -> None:
    refused = []
    for number, (method, path) in enumerate(changes(app)):
        # Anew each time: one of them logs out, and others end keys.
        with app.app_context():
            key = create_key(f"admin {number}", Role.ADMIN)[1]
        answer = logged_in(app, key).open(path, method=method, headers=headers, json={})
        if "was not sent from a page" in answer.text or answer.status_code >= 500:
            refused.append((method, path, answer.status_code))
    assert not refused


def test_reading_them_tells_no_other_page_anything(app: Flask, client: FlaskClient) -> None:
    """No page allows another to read it, nor to frame it, load it as a script or open and hold it."""
    for method, path in routes(app, *COOKIES):
        if method == "GET":
            headers = client.get(path, headers={"Origin": "https://evil.example"}).headers
            assert "Access-Control-Allow-Origin" not in headers, path
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
            assert headers["Referrer-Policy"] == "no-referrer", path


def test_a_file_of_ours_is_for_our_pages_and_says_nothing_of_what_a_page_may(app: Flask) -> None:
    """Forty come with the first page: what only binds pages was a quarter of all that is sent."""
    for name in ("app.css", "icons.svg", "js/core/dom.js"):
        headers = app.test_client().get(f"/static/x/{name}").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers
        assert not OF_PAGES & set(headers), name


def test_every_page_refuses_to_be_framed_by_what_older_browsers_understand_too(
    app: Flask, client: FlaskClient
) -> None:
    for method, path in routes(app, "web."):
        if method == "GET":
            assert client.get(path, headers=OURS).headers["X-Frame-Options"] == "DENY", path


@pytest.mark.parametrize(
    ("public", "scheme", "prefix", "is_secure"),
    [(None, "http", "proofsheet_", False), ("https://localhost", "https", "__Host-", True)],
)
def test_the_cookie_is_for_this_server_alone_and_no_script_reads_it(
    make_app: Callable[..., Flask], public: str | None, scheme: str, prefix: str, is_secure: bool
) -> None:
    app = make_app(public_url=public)
    answer = app.test_client().post(
        "/login",
        data={"secret": key_of_each(app)["viewer"]},
        headers=OURS,
        base_url=f"{scheme}://localhost",
    )
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(prefix)
    parts = {part.strip().partition("=")[0] for part in cookie.split(";")[1:]}
    assert {"HttpOnly", "SameSite", "Path", "Max-Age"} <= parts
    assert "SameSite=Lax" in cookie
    assert "Path=/;" in f"{cookie};"
    assert "Domain" not in parts
    assert ("Secure" in parts) is is_secure
