"""/connect: the addresses of this server, and examples to be copied."""

from __future__ import annotations

import ast
import html
import json
import re
import sys
from collections.abc import Callable

from flask import Flask

from config import ROOT
from tests.models.samples import ON_SQLITE
from tests.web.conftest import Browse, browser

pytestmark = ON_SQLITE


def examples(page: str) -> dict[str, str]:
    """Return the examples of the page, by name."""
    found = re.findall(r'<pre id="example-(\w+)"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def test_examples_have_the_address_that_one_sees_the_page_at(browse: Browse) -> None:
    shown = browse("GET", "/connect", role="viewer").text
    assert '<code id="address-openai">http://localhost/v1</code>' in shown
    assert '<code id="address-gemini">http://localhost/gemini</code>' in shown
    found = examples(shown)
    assert list(found) == ["openai", "curl", "gemini", "mcp"]
    assert 'base_url="http://localhost/v1"' in found["openai"]
    assert '{"base_url": "http://localhost/gemini"}' in found["gemini"]
    for name in ("openai", "gemini"):
        ast.parse(found[name])


def test_the_public_address_is_what_others_take(make_app: Callable[..., Flask]) -> None:
    app = make_app(public_url="https://pictures.example.org/")
    found = examples(browser(app)("GET", "/connect").text)
    assert "curl --silent https://pictures.example.org/v1/images/generations " in found["curl"]


def test_where_things_lie_is_told_to_admins_alone(browse: Browse, app: Flask) -> None:
    [creators] = json.loads(examples(browse("GET", "/connect").text)["mcp"])["mcpServers"].values()
    assert creators["command"].startswith("/path/to/")
    assert list(creators["env"]) == ["PROOFSHEET_KEY"]
    shown = browse("GET", "/connect", role="admin").text
    [admins] = json.loads(examples(shown)["mcp"])["mcpServers"].values()
    assert [admins["command"], *admins["args"]] == [sys.executable, str(ROOT / "manage.py"), "mcp"]
    assert admins["env"]["PROOFSHEET_INSTANCE"] == str(app.config["SETTINGS"].instance)


def test_settings_lead_there(browse: Browse) -> None:
    assert '<a href="/connect">Connect</a>' in browse("GET", "/settings", role="viewer").text


def test_examples_ask_as_those_of_the_documentation_do_which_are_run(browse: Browse) -> None:
    documented = (ROOT / "docs" / "clients.md").read_text().splitlines()
    found = "\n".join(examples(browse("GET", "/connect").text).values())
    lines = found.replace("http://localhost", "http://127.0.0.1:8000").splitlines()
    asking = [each for each in lines if re.match(r"made|curl|pathlib|\s+\"", each)]
    assert len(asking) == 10
    assert [each for each in asking if each not in documented] == []
