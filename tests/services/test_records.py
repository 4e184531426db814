"""What every face tells of a generation and of an image."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.extensions import db
from app.models import Role
from app.services.keys import create_key
from app.services.records import dollars, generation_record, image_record, timestamp
from tests.models.samples import generation, kept_image

MOMENT = datetime(2026, 5, 4, 3, 2, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (None, None),
        (MOMENT, "2026-05-04T03:02:01.000005Z"),
        (MOMENT.replace(microsecond=0), "2026-05-04T03:02:01Z"),
    ],
)
def test_moments_are_told_in_utc(moment: datetime | None, expected: str | None) -> None:
    assert timestamp(moment) == expected


@pytest.mark.parametrize(("cost", "expected"), [(None, None), (0, 0), (33_600, 0.0336), (1, 1e-6)])
def test_an_unknown_price_is_not_told_as_nothing(cost: int | None, expected: float | None) -> None:
    assert dollars(cost) == expected


def test_a_generation_is_told_in_full(context: Flask) -> None:
    key, _ = create_key("Ada", Role.CREATOR)
    row = generation(n=3, done=1, api_key_id=key.id, seed=7, project="spring", created_at=MOMENT)
    record = generation_record(row)
    assert json.loads(json.dumps(record)) == record
    assert (record["prompt"], record["final_prompt"]) == ("A fox", "A fox, painted")
    assert (record["status"], record["made_by"], record["seed"]) == ("queued", "Ada", 7)
    assert record["progress"] == {"done": 1, "total": 3}
    assert (record["error"], record["cost_usd"], record["started_at"]) == (None, None, None)
    assert record["created_at"] == "2026-05-04T03:02:01.000005Z"


def test_an_error_is_told_with_its_reason(context: Flask) -> None:
    error = {"error_code": "content_blocked", "error_message": "No.", "error_reason": "SAFETY"}
    record = generation_record(generation(status="failed", error_retryable=False, **error))
    expected = {"code": "content_blocked", "message": "No.", "reason": "SAFETY", "retryable": False}
    assert record["error"] == expected
    assert record["made_by"] is None


def test_an_image_is_told_in_full_and_without_its_bytes(context: Flask) -> None:
    key, _ = create_key("Ada", Role.CREATOR)
    parent = kept_image("Parent").id
    image = kept_image("A fox", api_key_id=key.id, parents=(parent,), cost_microusd=33_600)
    image.tags.extend(["red", "fox"])
    db.session.commit()
    record = image_record(image)
    assert json.loads(json.dumps(record)) == record
    assert not {"image_base64", "blob", "links"} & record.keys()
    assert (record["id"], record["prompt"], record["made_by"]) == (image.id, "A fox", "Ada")
    assert (record["parents"], record["tags"]) == ([parent], ["fox", "red"])
    assert (record["cost_usd"], record["source"], record["deleted_at"]) == (
        0.0336,
        "generated",
        None,
    )


def test_an_image_of_nobody_is_told_as_such(context: Flask) -> None:
    record = image_record(kept_image())
    assert (record["made_by"], record["generation"], record["cost_usd"]) == (None, None, None)
