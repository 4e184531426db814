"""What makes the gallery an app: its manifest and its icons, for whoever is not logged in, too."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.models.samples import ON_SQLITE
from tests.pictures import opened

pytestmark = ON_SQLITE


def test_the_manifest_names_icons_of_the_sizes_that_they_have(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.json
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        *("/", "/", "standalone"),
    )
    pngs = [each for each in manifest["icons"] if each["type"] == "image/png"]
    assert {(each["sizes"], each["purpose"]) for each in pngs} == {
        *(("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")),
    }
    for each in pngs:
        size = "{}x{}".format(*opened(client.get(each["src"]).data).size)
        assert size == each["sizes"]
    [svg] = [each for each in manifest["icons"] if each["type"] == "image/svg+xml"]
    assert client.get(svg["src"]).mimetype == "image/svg+xml"


def test_a_page_names_its_manifest_its_icons_and_a_colour_for_each_scheme(
    client: FlaskClient,
) -> None:
    page = client.get("/login").text
    for kind in ("manifest", "icon", "apple-touch-icon"):
        found = re.search(rf'<link rel="{kind}" href="([^"]+)"', page)
        assert found
        assert client.get(found[1]).status_code == 200, kind
    grounds = dict(
        re.findall(r'theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)', page)
    )
    assert sorted(grounds.values()) == ["dark", "light"]


@pytest.mark.parametrize("name", ["/icon-192.png", "/favicon.ico", "/manifest.webmanifest"])
def test_icons_are_kept_for_a_day_and_then_asked_for_by_their_tag(
    client: FlaskClient, name: str
) -> None:
    first = client.get(name)
    assert first.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get(name, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_there_is_no_icon_of_another_size(app: Flask) -> None:
    assert app.test_client().get("/icon-4096.png").status_code == 404
