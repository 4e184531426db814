"""Pictures as answers: names, conditions and ranges after RFC 9110, on both routes alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.http import http_date, parse_date, parse_options_header
from werkzeug.test import TestResponse

from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture

pytestmark = ON_SQLITE
PATHS = {"file": "/api/images/1/file", "thumbnail": "/api/images/1/thumbnail"}
Get = Callable[..., TestResponse]


@pytest.fixture(params=PATHS)
def get(request: pytest.FixtureRequest, app: Flask, ask: Ask) -> Get:
    """Ask for the bytes of one image: `get(method="GET", **headers)`, with `_` for hyphens."""
    with app.app_context():
        kept_image("Ein größer Fuchs / 狐")

    def get(method: str = "GET", query: str = "", **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return ask(method, PATHS[request.param] + query, headers=given)

    return get


def moved(whole: TestResponse, seconds: int) -> str:
    """Return the picture's date, so many seconds later."""
    date = parse_date(whole.headers["Last-Modified"])
    assert date is not None
    return http_date(date + timedelta(seconds=seconds))


def test_the_name_is_made_from_the_prompt(get: Get) -> None:
    for query, way in (("", "inline"), ("?download=0", "inline"), ("?download=1", "attachment")):
        header = get(query=query).headers["Content-Disposition"]
        kind, options = parse_options_header(header)
        assert (kind, options["filename"].rpartition(".")[0].rpartition("-1")[0]) == (
            way,
            "ein-größer-fuchs-狐",
        )
        assert 'filename="ein-grosser-fuchs-1' in header
        assert header.isascii()


def test_a_file_and_its_thumbnail_have_names_of_their_own(app: Flask, ask: Ask) -> None:
    with app.app_context():
        kept_image("A fox", picture("JPEG"))
    headers = [ask("GET", path).headers["Content-Disposition"] for path in PATHS.values()]
    assert ['"a-fox-1.jpg"' in headers[0], '"a-fox-1-320.webp"' in headers[1]] == [True, True]


def test_a_download_that_is_neither_yes_nor_no_is_422(get: Get) -> None:
    assert get(query="?download=yes").status_code == 422


def test_head_says_what_get_would_and_heeds_no_range(get: Get) -> None:
    whole = get()
    for headers in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=999999-"}):
        head = get("HEAD", **headers)
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges"):
            assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=2-9", 2, 10),
        ("bytes=2-", 2, None),
        ("bytes=-5", -5, None),
        ("bytes=-999999", 0, None),
        ("bytes=3-999999", 3, None),
        ("Bytes=0-3", 0, 4),
    ],
)
def test_a_part_is_sent_that_was_asked_for(
    get: Get, asked: str, start: int, stop: int | None
) -> None:
    whole = get()
    part = get(Range=asked)
    length = len(whole.data)
    assert (part.status_code, part.data) == (206, whole.data[start:stop])
    first = start % length if start < 0 else start
    assert part.headers["Content-Range"] == f"bytes {first}-{first + len(part.data) - 1}/{length}"
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Type"):
        assert part.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,3-4", "bytes=5-2", "bytes=x", "bytes=-", "items=0-3", "bytes", "", "bytes=1-2-3"],
)
def test_a_range_that_is_malformed_foreign_or_of_several_parts_gets_all(
    get: Get, asked: str
) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, answer.data) == (200, get().data)
    assert "Content-Range" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=999999-9999999", "bytes=-0"])
def test_a_range_past_the_end_is_416_and_tells_the_length(get: Get, asked: str) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, answer.mimetype) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == f"bytes */{len(get().data)}"


def test_a_part_is_sent_only_of_what_if_range_names(get: Get) -> None:
    whole = get()
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    for named in (tag, date):
        assert get(Range="bytes=0-3", If_Range=named).status_code == 206
    for other in ('"other"', f"W/{tag}", moved(whole, 1), moved(whole, -1), "nonsense"):
        answer = get(Range="bytes=0-3", If_Range=other)
        assert (answer.status_code, answer.data) == (200, whole.data)
    assert get(Range="bytes=999999-", If_Range='"other"').status_code == 200


def test_who_has_it_gets_304(get: Get) -> None:
    whole = get()
    tag, date = whole.headers["ETag"], whole.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_None_Match": "*"},
        {"If_Modified_Since": date},
        {"If_Modified_Since": moved(whole, 60)},
        {"If_None_Match": tag, "Range": "bytes=0-3"},
    ):
        for method in ("GET", "HEAD"):
            answer = get(method, **headers)
            assert (answer.status_code, answer.data) == (304, b"")
            for name in ("ETag", "Cache-Control", "Vary"):
                assert answer.headers[name] == whole.headers[name]


def test_who_has_another_gets_it_and_a_tag_goes_before_a_date(get: Get) -> None:
    whole = get()
    date = whole.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": moved(whole, -1)},
        {"If_Modified_Since": "nonsense"},
        {"If_None_Match": '"other"', "If_Modified_Since": date},
    ):
        assert get(**headers).status_code == 200


def test_who_wants_what_is_not_there_gets_412_and_no_bytes(get: Get) -> None:
    whole = get()
    tag = whole.headers["ETag"]
    for headers in (
        {"If_Match": '"other"'},
        {"If_Match": f"W/{tag}"},
        {"If_Match": '"other"', "If_None_Match": tag},
        {"If_Unmodified_Since": moved(whole, -1)},
    ):
        answer = get(**headers)
        assert (answer.status_code, answer.json["code"]) == (412, "precondition_failed")
    for headers in (
        {"If_Match": tag},
        {"If_Match": "*"},
        {"If_Unmodified_Since": moved(whole, 0)},
        {"If_Match": tag, "If_Unmodified_Since": moved(whole, -1)},
        {"If_Unmodified_Since": "nonsense"},
    ):
        assert get(**headers).status_code == 200
