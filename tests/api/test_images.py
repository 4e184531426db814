"""GET /api/images, one image, its bytes."""

from __future__ import annotations

import io
from base64 import b64decode
from hashlib import sha256

import pytest
from PIL import Image

from tests.api.conftest import Ask, draw

FIELDS = {
    "id", "prompt", "created_at", "width", "height", "mime_type", "bytes", "sha256", "color",
    "provider", "model", "seed", "aspect_ratio", "size", "cost_usd", "latency_ms", "usage", "source",
    "made_by", "project", "generation", "parents", "favourite", "tags", "note", "deleted_at",
    "links",
}  # fmt: skip


@pytest.fixture
def image(ask: Ask) -> dict[str, object]:
    """One image that was drawn."""
    return dict(draw(ask, "A red fox", size="512").json["images"][0])


def test_pages_tell_the_total_and_hold_the_newest_first(ask: Ask) -> None:
    draw(ask, "A red fox", n=3, size="512")
    first = ask("GET", "/api/images?page=1&per_page=2").json
    second = ask("GET", "/api/images?page=2&per_page=2").json
    assert (first["total"], first["pages"], first["page"], first["per_page"]) == (3, 2, 1, 2)
    assert [image["id"] for image in first["items"] + second["items"]] == [3, 2, 1]


def test_an_empty_history_is_an_empty_page(ask: Ask) -> None:
    answer = ask("GET", "/api/images", role="viewer").json
    assert (answer["items"], answer["total"], answer["pages"]) == ([], 0, 0)
    assert (answer["page"], answer["per_page"], answer["total_capped"]) == (1, 20, False)


def test_a_page_past_the_end_is_empty(ask: Ask, image: dict[str, object]) -> None:
    assert ask("GET", "/api/images?page=9").json["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=99999999999999999999", "page"),
        ("page=1&page=2", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per-page=5", "per-page"),
    ],
)
def test_a_bad_query_is_422_and_named(ask: Ask, query: str, field: str) -> None:
    answer = ask("GET", f"/api/images?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field


def test_one_image_tells_all_that_is_known(ask: Ask, image: dict[str, object]) -> None:
    shown = ask("GET", "/api/images/1").json
    assert shown == image
    assert set(shown) == FIELDS
    assert shown["created_at"].endswith("Z")


def test_base64_is_included_when_asked_for(ask: Ask, image: dict[str, object]) -> None:
    shown = ask("GET", "/api/images/1?include=base64").json
    assert sha256(b64decode(shown["image_base64"])).hexdigest() == image["sha256"]


@pytest.mark.parametrize("path", ["2", "0", "99999999999999999999999", "2/file", "2/thumbnail"])
def test_an_unknown_image_is_404(ask: Ask, image: dict[str, object], path: str) -> None:
    answer = ask("GET", f"/api/images/{path}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_the_file_is_the_picture_as_it_was_kept(ask: Ask, image: dict[str, object]) -> None:
    answer = ask("GET", "/api/images/1/file")
    assert sha256(answer.data).hexdigest() == image["sha256"]
    assert answer.mimetype == image["mime_type"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["ETag"] == f'"{image["sha256"]}"'


def test_only_a_link_that_names_the_bytes_may_be_kept_for_ever(
    ask: Ask, image: dict[str, object]
) -> None:
    linked = ask("GET", str(image["links"]["file"]))  # type: ignore[index]
    assert "immutable" in linked.headers["Cache-Control"]
    for other in ("/api/images/1/file", "/api/images/1/file?v=123", "/api/images/1/file?v="):
        assert ask("GET", other).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(("size", "side"), [(320, 320), (640, 512)])
def test_a_thumbnail_is_a_small_webp_and_never_larger_than_the_picture(
    ask: Ask, image: dict[str, object], size: int, side: int
) -> None:
    answer = ask("GET", f"/api/images/1/thumbnail?size={size}")
    assert answer.mimetype == "image/webp"
    assert max(Image.open(io.BytesIO(answer.data)).size) == side


def test_a_size_of_thumbnail_that_is_not_made_is_422(ask: Ask, image: dict[str, object]) -> None:
    assert ask("GET", "/api/images/1/thumbnail?size=100").status_code == 422
