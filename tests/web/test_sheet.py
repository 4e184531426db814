"""/s/…: what a guest sees and does, and what nobody learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.errors import NotFound
from app.models.image_filter import ImageFilter
from app.services import marks
from app.services.marks import change_images
from app.services.proof_sheets import (
    Mark,
    NewSheet,
    get_view,
    make_sheet,
    pictures,
    pictures_of_sheet,
    revoke_sheet,
    save_marks,
)
from app.services.purge import purge_matching
from tests.log import logging_to
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import opened, picture
from tests.web.conftest import OURS

SECRET = "only for our eyes"
TITLE = "<b>Animals</b> & co"


class Guest:
    """Somebody with a link, by a browser without any cookie."""

    def __init__(self, app: Flask, **options: Any) -> None:
        """Share three pictures of which nobody may know more than they look like."""
        self.app = app
        self.client: FlaskClient = app.test_client()
        with app.app_context():
            made = {"generation_id": generation().id, "ordinal": 0, "model": "secret-model"}
            self.ids = [kept_image(SECRET, picture(size=(900, 600)), project="acme", **made).id]
            self.ids += [kept_image(each).id for each in ("A hare", "An owl")]
            self.sheet, self.token = make_sheet(NewSheet(TITLE, self.ids, **options))

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(f"/s/{self.token}{path}", headers={"Accept": "text/html"})

    def post(self, path: str = "", **more: Any) -> TestResponse:
        headers = more.pop("headers", OURS)
        return self.client.post(f"/s/{self.token}{path}", headers=headers, **more)

    def marks(self) -> list[tuple[bool, str | None]]:
        """Return what is kept of the sheet."""
        with self.app.app_context():
            return [(each.picked, each.word) for each in pictures_of_sheet(self.sheet)]


@pytest.fixture
def guest(app: Flask) -> Guest:
    """Somebody with a link."""
    return Guest(app)


def test_a_guest_sees_the_pictures_and_nothing_else(guest: Guest) -> None:
    answer = guest.get()
    assert answer.status_code == 200
    assert "&lt;b&gt;Animals&lt;/b&gt; &amp; co" in answer.text
    for hidden in (SECRET, "secret-model", "acme", "the creator", "/api/", "/login", 'href="/"'):
        assert hidden not in answer.text
    headers = answer.headers
    assert headers["Cache-Control"].startswith("private")
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in headers


def test_pictures_come_by_their_number_and_in_full_only_where_that_was_chosen(
    app: Flask, guest: Guest
) -> None:
    small, large = (guest.get(f"/1/{kind}") for kind in ("small", "large"))
    assert [opened(each.data).size for each in (small, large)] == [(640, 427), (900, 600)]
    assert guest.get("/1/file").status_code == 404
    assert guest.get(f"/{guest.ids[2] + 1}/small").status_code == 404
    again = guest.client.get(
        f"/s/{guest.token}/1/large", headers={"If-None-Match": large.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    whole = Guest(app, downloads=True).get("/1/file")
    assert opened(whole.data).size == (900, 600)
    assert whole.headers["Content-Disposition"] == 'attachment; filename="b-animals-b-co-1.png"'


def test_prompts_are_shown_where_that_was_chosen(app: Flask) -> None:
    assert SECRET in Guest(app, prompts=True).get().text


def test_a_mark_is_kept_at_once(guest: Guest) -> None:
    assert guest.post("/marks", data={"number": "2", "picked": "true"}).json == {"picks": 1}
    assert guest.post("/marks", data={"number": "2", "word": "Crop it"}).json == {"picks": 1}
    assert guest.post("/marks", data={"guest": "Ann"}).json == {"picks": 1}
    assert guest.marks() == [(False, None), (True, "Crop it"), (False, None)]
    with guest.app.app_context():
        assert get_view(guest.sheet).sheet.guest == "Ann"


def test_without_scripts_the_whole_form_is_kept(guest: Guest) -> None:
    form = {"pick": ["1", "3"], "word-1": "", "word-2": "No", "word-3": "Yes\r\nplease"}
    saved = guest.post(data={**form, "guest": "Ann"})
    assert (saved.status_code, saved.location) == (303, f"/s/{guest.token}?told=saved")
    assert guest.marks() == [(True, None), (False, "No"), (True, "Yes\nplease")]
    guest.post(data={**form, "pick": ["3"]})
    assert [picked for picked, _ in guest.marks()] == [False, False, True]


def test_a_picture_that_was_deleted_keeps_nobody_from_saving_the_rest(guest: Guest) -> None:
    with guest.app.app_context():
        change_images(guest.ids[:1], marks.delete())
    assert guest.post(data={"pick": ["1", "2"], "word-1": "", "word-2": ""}).status_code == 303
    assert guest.marks() == [(True, None), (False, None)]
    assert guest.get("/1/small").status_code == 404


@ON_SQLITE
def test_long_words_on_every_picture_fit_into_the_form(guest: Guest) -> None:
    # What a form makes of a sign beyond the first plane: twelve bytes.
    form = {f"word-{number}": "\N{FOX FACE}" * 500 for number in range(1, 501)}
    assert guest.post(data=form).status_code == 303
    assert guest.marks()[0][1] == "\N{FOX FACE}" * 500
    assert guest.post("/marks", data={"number": "1", "word": "x" * 501}).status_code == 422


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_a_link_that_has_ended_shows_nothing(app: Flask, guest: Guest, end: str) -> None:
    with app.app_context():
        if end == "revoked":
            revoke_sheet(guest.sheet)
        else:
            from tests.services.proof_sheets.test_sheets import end as end_sheet

            end_sheet(guest.sheet)
    for answer in (guest.get(), guest.get("/1/small"), guest.post("/marks", data={"number": "1"})):
        assert answer.status_code == 410
        assert "no longer shared" in answer.text
        assert "Animals" not in answer.text
    assert guest.post(data={}).status_code == 410


def test_wrong_links_are_404_and_after_some_one_has_to_wait(app: Flask, make_app: Any) -> None:
    guest = Guest(make_app(wrong_keys_per_minute=3))
    right, guest.token = guest.token, "0" * 43
    assert [guest.get().status_code for _ in range(4)] == [404, 404, 404, 429]
    assert int(guest.get("/1/small").headers["Retry-After"]) > 0
    guest.token = right
    assert guest.get().status_code == 200, "who has a link is not held up by others"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
@ON_SQLITE
def test_pages_of_others_cannot_mark(guest: Guest, headers: dict[str, str], status: int) -> None:
    data = {"number": "1", "picked": "true"}
    assert guest.post("/marks", data=data, headers=headers).status_code == status
    assert guest.marks()[0][0] is (status == 200)


@ON_SQLITE
def test_the_log_does_not_hold_the_link(guest: Guest) -> None:
    with logging_to() as log:
        guest.get()
        guest.get("/1/small")
        guest.post("/marks", data={"number": "1"})
        guest.get("/9/small")
    assert len(log.lines("request")) == 4
    assert {line["path"] for line in log.lines("request")} == {"/s/…"}
    assert guest.token not in log.text


@ON_SQLITE
def test_what_a_guest_writes_is_shown_as_text(guest: Guest) -> None:
    hostile = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"
    with guest.app.app_context():
        save_marks(guest.token, {1: Mark(True, hostile)}, '"><script>')
    text = guest.get().text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.fixture
def crowd(guest: Guest) -> Iterator[None]:
    """As many who look at large pictures as are let."""
    with ExitStack() as stack:
        while pictures._IN_HAND.acquire(blocking=False):
            stack.callback(pictures._IN_HAND.release)
        yield


@ON_SQLITE
def test_in_a_crowd_a_small_picture_stands_in_for_the_large_one(guest: Guest, crowd: None) -> None:
    small, large = (guest.get(f"/1/{kind}") for kind in ("small", "large"))
    assert (large.status_code, large.data) == (200, small.data)
    assert large.headers["Cache-Control"] == "no-store"
    assert "ETag" not in large.headers


@ON_SQLITE
def test_in_a_crowd_who_saves_a_picture_is_asked_to_wait(app: Flask, crowd: None) -> None:
    answer = Guest(app, downloads=True).get("/1/file")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    kept_whole = Guest(app, downloads=True, prompts=True).get("/1/file")
    assert kept_whole.status_code == 200, "what is sent as it was kept takes no work"


@ON_SQLITE
def test_a_picture_that_cannot_be_read_lets_the_next_one_in(guest: Guest) -> None:
    with guest.app.app_context():
        files = [pictures.large_of(guest.token, 2) for _ in range(6)]
        change_images(guest.ids[1:], marks.delete())
        purge_matching(ImageFilter(deleted="only"), 2)
        for file in files:
            with pytest.raises(NotFound):
                file.read()


@ON_SQLITE
def test_a_browser_asks_once_for_a_large_picture(guest: Guest) -> None:
    kept = {kind: guest.get(f"/1/{kind}").headers["Cache-Control"] for kind in ("small", "large")}
    assert kept == {"small": "private, no-cache", "large": "private, max-age=3600"}
