"""/settings/keys: keys are made, shown once, given budgets and revoked."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from app.services.keys import authenticate, list_keys, live_key
from tests.web.conftest import OURS, Browse, logged_in

HOSTILE = '<script>alert("1")</script> \u202ekey'


def secret(html: str) -> str:
    """Return what a page shows once."""
    found = re.search(r'<input id="secret" readonly value="([^"]+)"', html)
    assert found
    return unescape(found[1])


def make(browse: Browse, name: str = "website", **more: str) -> str:
    """Make a key and return it."""
    answer = browse("POST", "/settings/keys", role="admin", data={"name": name, **FORM, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return secret(answer.text)


FORM = {"role": "viewer", "requests_per_minute": "", "daily": "", "monthly": ""}


def test_a_key_is_shown_once_and_works(app: Flask, browse: Browse) -> None:
    token = make(browse)
    assert token not in browse("GET", "/settings/keys", role="admin").text
    with app.app_context():
        holder = authenticate(token)
    assert holder is not None
    assert (holder.name, holder.role, holder.requests_per_minute) == ("website", "viewer", None)


def test_a_key_is_made_with_its_limits(app: Flask, browse: Browse) -> None:
    make(browse, requests_per_minute="60", daily="2.50", monthly=" $40 ")
    with app.app_context():
        key = live_key("website")
        kept = key.requests_per_minute, key.daily_budget_microusd, key.monthly_budget_microusd
    assert kept == (60, 2_500_000, 40_000_000)
    listed = re.sub(r"\s+", " ", browse("GET", "/settings/keys", role="admin").text)
    assert "never used · 60 requests a minute · $2.50 a day · $40.00 a month" in listed


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", " ", "1 to 100 printable characters"),
        ("name", "a\0", "1 to 100 printable characters"),
        ("role", "owner", "A role is viewer, creator or admin"),
        ("requests_per_minute", "many", "Write a whole number"),
        ("requests_per_minute", "0", "1 to 1,000,000 requests a minute"),
        ("requests_per_minute", "9" * 5000, "Write a whole number"),
        ("requests_per_minute", "٣", "Write a whole number"),
        ("daily", "a lot", "is no amount of US dollars"),
        ("daily", "-1", "0 to 1,000,000 US dollars"),
        ("monthly", "1e9", "0 to 1,000,000 US dollars"),
        ("monthly", "1e999990", "is no amount of US dollars"),
        ("monthly", "nan", "is no amount of US dollars"),
        ("monthly", "inf", "is no amount of US dollars"),
    ],
)
def test_what_does_not_fit_comes_back_with_the_form(
    app: Flask, browse: Browse, field: str, value: str, told: str
) -> None:
    form = {"name": "website", **FORM, field: value}
    answer = browse("POST", "/settings/keys", role="admin", data=form)
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    with app.app_context():
        assert len(list_keys()) == 3


def test_two_live_keys_have_no_name_in_common(browse: Browse) -> None:
    make(browse)
    again = {"name": "website", **FORM}
    answer = browse("POST", "/settings/keys", role="admin", data=again)
    assert answer.status_code == 409
    assert "already; revoke it first" in answer.text


def test_budgets_are_changed_and_lifted(app: Flask, browse: Browse) -> None:
    make(browse, daily="1")
    with app.app_context():
        path = f"/settings/keys/{live_key('website').id}"
    assert 'name="daily" inputmode="decimal" autocomplete="off" value="1"' in (
        browse("GET", path, role="admin").text
    )
    wrong = browse("POST", path, role="admin", data={"daily": "x", "monthly": "3"})
    assert wrong.status_code == 422
    changed = browse("POST", path, role="admin", data={"daily": "", "monthly": "0.10"})
    assert changed.location == f"{path}?told=budgets"
    assert "$0.10 left of $0.10" in browse("GET", path, role="admin").text
    with app.app_context():
        key = live_key("website")
        assert (key.daily_budget_microusd, key.monthly_budget_microusd) == (None, 100_000)


def test_a_login_link_logs_one_browser_in(app: Flask, browse: Browse) -> None:
    make(browse)
    with app.app_context():
        path = f"/settings/keys/{live_key('website').id}"
    answer = browse("POST", f"{path}/login-link", role="admin")
    link = secret(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    address, code = link.split("#")
    assert address == "http://localhost/login"
    assert "website" in logged_in(app, code).get("/settings", headers=OURS).text
    again = app.test_client().post("/login", data={"secret": code}, headers=OURS)
    assert again.status_code == 401


def test_a_key_is_revoked_after_a_question(app: Flask, browse: Browse) -> None:
    token = make(browse)
    with app.app_context():
        path = f"/settings/keys/{live_key('website').id}"
    asked = browse("GET", f"{path}/revoke", role="admin").text
    assert "Revoke the key website?" in asked
    assert "you will be logged out" not in asked
    assert browse("POST", f"{path}/revoke", role="admin").location == "/settings/keys?told=revoked"
    assert "Revoked keys (1)" in browse("GET", "/settings/keys", role="admin").text
    with app.app_context():
        assert authenticate(token) is None
    assert browse("POST", f"{path}/login-link", role="admin").status_code == 409
    assert "Make a login link" not in browse("GET", path, role="admin").text


def test_the_last_key_of_an_administrator_stays(app: Flask, browse: Browse) -> None:
    with app.app_context():
        path = f"/settings/keys/{live_key('the admin').id}/revoke"
    assert "you will be logged out" in browse("GET", path, role="admin").text
    refused = browse("POST", path, role="admin")
    assert refused.status_code == 409
    assert "last live admin key" in refused.text


def test_who_is_no_administrator_gets_nothing_of_it(browse: Browse) -> None:
    for role in ("viewer", "creator"):
        assert browse("GET", "/settings/keys", role=role).status_code == 403
        refused = browse("POST", "/settings/keys", role=role, data={"name": "mine", **FORM})
        assert refused.status_code == 403


def test_a_hostile_name_is_shown_as_text(app: Flask, browse: Browse) -> None:
    name = HOSTILE.replace("\u202e", "")
    make(browse, name)
    with app.app_context():
        path = f"/settings/keys/{live_key(name).id}"
    for shown in ("/settings/keys", path, f"{path}/revoke"):
        html = browse("GET", shown, role="admin").text
        assert name in unescape(html)
        assert "<script>alert" not in html
