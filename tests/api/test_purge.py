"""POST /api/images/purge."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.services import marks
from app.services.marks import change_images
from tests.api.conftest import Ask
from tests.models.samples import ON_SQLITE, kept_image

PURGE = "/api/images/purge"


@pytest.fixture
def images(app: Flask) -> None:
    """Three images, of which the first two are deleted."""
    with app.app_context():
        ids = [kept_image().id for _ in range(3)]
        change_images(ids[:2], marks.delete())


def test_an_admin_purges_by_ids_and_by_filter(ask: Ask, images: None) -> None:
    done = ask("POST", PURGE, role="admin", json={"ids": [1]})
    assert (done.status_code, done.json["purged"], done.json["complete"]) == (200, 1, True)
    assert ask("GET", "/api/images/1").status_code == 404
    seen = ask("POST", PURGE, role="admin", json={"filter": {}, "dry_run": True}).json
    assert seen == {"matched": 1, "would_purge": 1, "expected": 1}
    assert ask("GET", "/api/images?deleted=include").json["total"] == 2
    done = ask("POST", PURGE, role="admin", json={"filter": {}, "expected": 1})
    assert (done.status_code, done.json["purged"]) == (200, 1)
    assert [each["id"] for each in ask("GET", "/api/images?deleted=include").json["items"]] == [3]


@ON_SQLITE
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"filter": {}}, 422),
        ({"ids": [3]}, 409),
        ({"ids": [1, 3]}, 409),
        ({"ids": [1, 9]}, 404),
        ({"filter": {}, "expected": 3}, 409),
    ],
)
def test_what_cannot_be_purged_leaves_all_as_it_was(
    ask: Ask, images: None, body: dict[str, Any], status: int
) -> None:
    answer = ask("POST", PURGE, role="admin", json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert ask("GET", "/api/images?deleted=include").json["total"] == 3
