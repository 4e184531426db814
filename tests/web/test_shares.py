"""/shares: proof sheets as pages for those who make them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from app.services.proof_sheets import Mark, open_sheet, save_marks
from tests.models.samples import ON_SQLITE, kept_image
from tests.web.conftest import Browse


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Two pictures."""
    with app.app_context():
        return [kept_image(each).id for each in ("A fox", "A hare")]


def share(browse: Browse, ids: list[int], **more: Any) -> str:
    """Share pictures by the form; return the token of the link that is shown."""
    form = {"title": "<i>Animals</i>", "ids": ",".join(map(str, ids)), "days": "3", **more}
    made = browse("POST", "/shares", data=form)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    return token_in(made.text)


def token_in(text: str) -> str:
    return re.findall(r'value="http://localhost/s/([\w-]{43})"', text)[0]


def test_the_link_is_shown_once_and_works(browse: Browse, app: Flask, ids: list[int]) -> None:
    token = share(browse, ids[::-1], prompts="true", greeting="Which one?\r\n")
    with app.app_context():
        sheet = open_sheet(token)
    assert [each.prompt for each in sheet.pictures] == ["A hare", "A fox"]
    assert (sheet.title, sheet.greeting, sheet.downloads) == ("<i>Animals</i>", "Which one?", False)
    for path in ("/shares", "/shares/1"):
        text = browse("GET", path).text
        assert token not in text
        assert "&lt;i&gt;Animals" in text


def test_picks_and_words_are_shown_and_lead_into_the_gallery(
    browse: Browse, app: Flask, ids: list[int]
) -> None:
    token = share(browse, ids)
    assert "no answer yet" in browse("GET", "/shares").text
    with app.app_context():
        save_marks(token, {2: Mark(True, "<b>This</b> one")}, "Ann")
    assert "Ann" in browse("GET", "/shares").text
    shown = browse("GET", "/shares/1").text
    assert "&lt;b&gt;This&lt;/b&gt; one" in shown
    assert "/?sheet=1&amp;picked=true" in shown
    tiles = re.findall(r'id="image-(\d+)"', browse("GET", "/?sheet=1&picked=true").text)
    assert tiles == [str(ids[1])]


def test_a_link_is_prolonged_made_anew_and_revoked(
    browse: Browse, app: Flask, ids: list[int]
) -> None:
    token = share(browse, ids)
    assert browse("POST", "/shares/1/extend", data={"days": "30"}).location.endswith("extended")
    assert browse("POST", "/shares/1/extend", data={"days": "x"}).status_code == 422
    new = token_in(browse("POST", "/shares/1/link").text)
    assert new != token
    assert browse("POST", "/shares/1/revoke").location == "/shares/1?told=revoked"
    shown = browse("GET", "/shares/1?told=revoked").text
    assert "The link works no longer." in shown
    assert "/revoke" not in shown
    assert browse("POST", "/shares/1/link").status_code == 409


@ON_SQLITE
def test_what_cannot_be_shared_is_asked_again(browse: Browse, ids: list[int]) -> None:
    form = {"title": " ", "ids": str(ids[0]), "days": "7", "downloads": "true"}
    again = browse("POST", "/shares", data=form)
    assert again.status_code == 422
    assert "printable characters" in again.text
    assert 'value="7"' in again.text
    assert browse("POST", "/shares", data={**form, "title": "A", "days": "x"}).status_code == 422
    assert browse("POST", "/shares", data={"title": "A", "ids": "99"}).status_code == 404
    assert browse("GET", "/shares/99").status_code == 404


@ON_SQLITE
def test_without_sheets_the_page_says_how_to_make_one(browse: Browse) -> None:
    assert "Nothing is shared yet" in browse("GET", "/shares").text
    assert browse("GET", "/shares", role="viewer").status_code == 403
    assert 'href="/shares"' not in browse("GET", "/", role="viewer").text
