"""GET /api/generations."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.models import Status
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, generation, kept_image


@pytest.fixture
def made(app: Flask) -> list[str]:
    """The ids of three generations, the newest first: failed, with an image, cancelled."""
    columns: list[dict[str, Any]] = [
        {"status": Status.CANCELLED},
        {"status": Status.SUCCEEDED, "project": "acme", "done": 1},
        {
            "status": Status.FAILED,
            "error_code": "no_image",
            "error_message": "None.",
            "error_retryable": False,
        },
    ]
    with app.app_context():
        ids = [generation(**each).id for each in columns]
        kept_image(generation_id=ids[1], ordinal=0)
    return sorted(ids, reverse=True)


def test_each_is_shown_as_by_itself(ask: Ask, made: list[str]) -> None:
    answer = ask("GET", "/api/generations", role="viewer")
    alone = [ask("GET", f"/api/generations/{each}").json for each in made]
    assert answer.json == {"items": alone, "next_cursor": None, "prev_cursor": None}
    assert sum(len(each["images"]) for each in alone) == 1


@ON_SQLITE
def test_filters_narrow_and_links_lead_on_and_back(ask: Ask, made: list[str]) -> None:
    [failed] = ask("GET", "/api/generations?status=failed").json["items"]
    assert failed["error"]["code"] == "no_image"
    [ours] = ask("GET", "/api/generations?project=acme&since=2026-01-01&model=sketch-1").json[
        "items"
    ]
    assert ours["status"] == "succeeded"
    first = ask("GET", "/api/generations?provider=sketch&limit=2")
    assert [each["id"] for each in first.json["items"]] == made[:2]
    second = ask("GET", first.headers["Link"].removeprefix("<").partition(">")[0])
    assert [each["id"] for each in second.json["items"]] == made[2:]
    back = second.headers["Link"].removeprefix("<").partition(">")[0]
    assert ask("GET", back).json["items"] == first.json["items"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("since=yesterday", "since"),
        ("page=1", "page"),
        ("by=", "by"),
    ],
)
def test_what_does_not_fit_is_422_and_named(ask: Ask, query: str, field: str) -> None:
    answer = ask("GET", f"/api/generations?{query}")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
