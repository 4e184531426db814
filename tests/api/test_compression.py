"""JSON is compressed for those who ask, and no tag that was handed out is worth less for it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.compression import takes_gzip
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, kept_image, many_images

LIST = "/api/images"
Get = Callable[..., TestResponse]


@pytest.fixture
def many(app: Flask) -> None:
    """A page full of images, and one more that has its bytes."""
    with app.app_context():
        start = datetime(2026, 1, 1, tzinfo=UTC)
        many_images([start + timedelta(hours=hour) for hour in range(20)])
        kept_image("A fox " * 1000)


@pytest.fixture
def get(ask: Ask, many: None) -> Get:
    """Ask as a browser does, or with `plain` for bytes as they are."""

    def get(path: str, method: str = "GET", *, plain: bool = False, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        coding = {} if plain else {"Accept-Encoding": "gzip, deflate, br, zstd"}
        return ask(method, path, headers={**coding, **given})

    return get


def encoding(answer: TestResponse) -> str | None:
    return answer.headers.get("Content-Encoding")


@ON_SQLITE
def test_a_list_is_compressed_for_those_who_ask_and_says_the_same(get: Get) -> None:
    small, plain = get(LIST), get(LIST, plain=True)
    assert (encoding(small), encoding(plain)) == ("gzip", None)
    assert gzip.decompress(small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 4


@ON_SQLITE
def test_what_depends_on_the_encoding_says_so(get: Get) -> None:
    tag = get(LIST).headers["ETag"]
    for answer in (get(LIST), get(LIST, plain=True), get(LIST, If_None_Match=tag)):
        assert answer.headers["Vary"] == "Authorization, Accept-Encoding"


@pytest.mark.parametrize("path", [LIST, "/api/models"])
@ON_SQLITE
def test_a_tag_holds_whichever_way_the_answer_went_out(get: Get, path: str) -> None:
    tag = get(path).headers["ETag"]
    assert get(path, plain=True).headers["ETag"] == tag
    for plain in (False, True):
        again = get(path, plain=plain, If_None_Match=tag)
        assert (again.status_code, again.data, encoding(again)) == (304, b"", None)
        assert again.headers["ETag"] == tag


@ON_SQLITE
def test_a_record_can_be_changed_by_the_tag_that_came_with_it(get: Get, ask: Ask) -> None:
    path = f"{LIST}/21"
    for number, coding in enumerate(("gzip", "identity", "gzip"), 1):
        shown = get(path, Accept_Encoding=coding)
        assert shown.headers["ETag"] == f'"21-{number}"'
        assert get(path, If_None_Match=shown.headers["ETag"]).status_code == 304
        headers = {"If-Match": shown.headers["ETag"], "Accept-Encoding": coding}
        body = {"favourite": bool(number % 2)}
        changed = ask("PATCH", path, json=body, headers=headers)
        assert (changed.status_code, changed.headers["ETag"]) == (200, f'"21-{number + 1}"')
        assert ask("PATCH", path, json=body, headers=headers).status_code == 412


@ON_SQLITE
def test_head_says_what_get_would(get: Get) -> None:
    for plain in (False, True):
        head, whole = get(LIST, "HEAD", plain=plain), get(LIST, plain=plain)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Length", "Content-Encoding", "ETag", "Vary"):
            assert head.headers.get(name) == whole.headers.get(name)


@ON_SQLITE
def test_pictures_and_their_parts_go_out_as_they_are(get: Get) -> None:
    for path in (f"{LIST}/21/file", f"{LIST}/21/thumbnail"):
        for headers, status in (({}, 200), ({"Range": "bytes=0-99"}, 206)):
            answer = get(path, **headers)
            assert (answer.status_code, encoding(answer)) == (status, None)
            assert answer.data == get(path, plain=True, **headers).data
            assert "Accept-Encoding" not in answer.headers["Vary"]


@ON_SQLITE
def test_what_is_small_goes_out_as_it_is(get: Get) -> None:
    for path in ("/api/me", f"{LIST}?limit=1&fields=id", f"{LIST}/9999"):
        assert encoding(get(path)) is None


@ON_SQLITE
def test_a_long_problem_is_compressed_as_well(get: Get) -> None:
    answer = get(f"{LIST}?" + "&".join(f"unknown{number}=x" for number in range(50)))
    assert (answer.status_code, encoding(answer)) == (422, "gzip")
    assert json.loads(gzip.decompress(answer.data))["code"] == "invalid_input"


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip", True),
        ("GZip", True),
        ("br, gzip;q=0.1", True),
        ("*", True),
        ("identity, gzip", True),
        ("identity;q=0.5, gzip;q=0.8", True),
        ("identity;q=0, *;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("identity, gzip;q=0.5", False),
        ("identity", False),
        ("br", False),
        ("", False),
        (";;q=,", False),
    ],
)
def test_what_the_caller_says_it_takes_is_heeded(header: str, taken: bool) -> None:
    assert takes_gzip(header) is taken
