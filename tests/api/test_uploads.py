"""POST /api/images: pictures from files of one's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import Ask, asker
from tests.models.samples import ON_SQLITE
from tests.pictures import picture

PNG = picture("PNG")


def a_file() -> tuple[io.BytesIO, str]:
    return io.BytesIO(PNG), "a.png"


def upload(ask: Ask, *files: bytes, **fields: Any) -> TestResponse:
    """Send files as a browser does."""
    named = [(io.BytesIO(data), f"file {number}.png") for number, data in enumerate(files)]
    return ask("POST", "/api/images", data={"file": named, **fields})


def test_files_become_images_of_the_history(ask: Ask) -> None:
    gif = picture("GIF")
    answer = upload(ask, PNG, gif, prompt="The harbour", tags=["sea", "old"], project="acme")
    assert answer.status_code == 201
    first, second = answer.json["items"]
    assert (first["mime_type"], second["mime_type"]) == ("image/png", "image/gif")
    for shown in (first, second):
        assert (shown["source"], shown["prompt"], shown["made_by"]) == (
            "upload",
            "The harbour",
            "the creator",
        )
        assert (shown["tags"], shown["project"]) == (["old", "sea"], "acme")
        assert ask("GET", shown["links"]["self"]).json == shown
        assert ask("GET", shown["links"]["thumbnail"]).mimetype == "image/webp"
    assert ask("GET", second["links"]["file"]).data == gif
    listed = ask("GET", "/api/images?source=upload&tag=sea").json["items"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]


@ON_SQLITE
def test_a_form_with_empty_fields_is_as_if_they_were_left_out(ask: Ask) -> None:
    [shown] = upload(ask, PNG, prompt="", project="").json["items"]
    assert (shown["prompt"], shown["project"], shown["tags"]) == ("file 0", None, [])


@ON_SQLITE
@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "invalid_picture"),
        (b"https://example.org/fox.png", 422, "invalid_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_picture"),
        (PNG[:60], 422, "invalid_picture"),
        (picture("PNG", size=(60, 50)), 413, "picture_too_large"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_by_its_number(
    make_app: Callable[..., Flask], data: bytes, status: int, code: str
) -> None:
    ask = asker(make_app(max_picture_pixels=48 * 32))
    answer = upload(ask, PNG, data)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert [each["field"] for each in answer.json["errors"]] == ["file.1"]
    assert ask("GET", "/api/images").json["total"] == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tags": "a"}, "file"),
        ({"file": "https://example.org/fox.png"}, "file.0"),
        ({"file": a_file(), "prompt": ["a", "b"]}, "prompt"),
        ({"file": a_file(), "prompt": a_file()}, "prompt"),
        ({"file": a_file(), "note": "x"}, "note"),
        ({"file": a_file(), "tags": "x" * 65}, "tags"),
        ({"file": [a_file() for _ in range(21)]}, "file"),
    ],
)
def test_a_form_that_does_not_fit_is_422_and_its_field_named(
    ask: Ask, fields: dict[str, Any], field: str
) -> None:
    answer = ask("POST", "/api/images", data=fields, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


@ON_SQLITE
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_what_is_no_form_with_files_is_415(ask: Ask, kind: str) -> None:
    answer = ask("POST", "/api/images", data=b"{}", content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")


@ON_SQLITE
def test_a_form_without_its_boundary_is_400(ask: Ask) -> None:
    answer = ask("POST", "/api/images", data=b"--x", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "boundary" in answer.json["detail"]


@ON_SQLITE
def test_an_upload_may_be_larger_than_other_bodies_but_not_without_end(
    make_app: Callable[..., Flask],
) -> None:
    large = picture("BMP", size=(40, 40))
    ask = asker(make_app(max_request_bytes=1024, max_upload_bytes=10_000))
    assert len(large) > 1024
    assert upload(ask, PNG, prompt="x" * 2000).status_code == 201
    answer = upload(ask, large, large, large)
    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")
    assert "10,000" in answer.json["detail"]
    assert "PROOFSHEET_MAX_UPLOAD_BYTES" in answer.json["detail"]
