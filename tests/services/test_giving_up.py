"""What is given up for a caller who waits, because the provider puts it off for too long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Generation
from app.models.types import utc_now
from app.services.giving_up import LONGEST_PAUSE_SECONDS, ended_or_given_up
from tests.fakes.jobs import install_jobs
from tests.models.samples import ON_SQLITE, generation, kept_image

REFUSED = {"error_code": "rate_limited", "error_message": "Too many.", "retries": 1}


def put_off(seconds: float, **columns: Any) -> str:
    """Return the id of a generation that the provider refused, and is tried again then."""
    later = utc_now() + timedelta(seconds=seconds)
    return generation(**{**REFUSED, "next_try_at": later, "job": "one", **columns}).id


def found(generation_id: str) -> Generation:
    return db.session.get_one(Generation, generation_id, populate_existing=True)


def test_what_is_put_off_for_long_fails_with_what_the_provider_said(context: Flask) -> None:
    jobs = install_jobs(context)
    generation_id = put_off(600, estimated_microusd=5)
    assert ended_or_given_up(generation_id)
    row = found(generation_id)
    assert (row.status, row.error_code, row.error_message) == (
        "failed",
        "rate_limited",
        "Too many.",
    )
    assert (row.next_try_at, row.cost_microusd) == (None, 0)
    assert 590 < (row.error_retry_after or 0) <= 600
    assert jobs.cancelled == ["one"]


def test_pictures_that_came_before_are_kept(context: Flask) -> None:
    install_jobs(context)
    generation_id = put_off(600, n=2, done=1)
    kept_image(generation_id=generation_id, ordinal=0)
    assert ended_or_given_up(generation_id)
    assert (found(generation_id).status, found(generation_id).error_code) == (
        "succeeded",
        "rate_limited",
    )


@ON_SQLITE
@pytest.mark.parametrize(
    ("seconds", "columns"),
    [
        (LONGEST_PAUSE_SECONDS - 1, {}),
        (600, {"error_code": None}),
        (600, {"status": "running"}),
    ],
    ids=["tried again soon", "left to another worker", "under way"],
)
def test_what_goes_on_by_itself_is_left_alone(
    context: Flask, seconds: float, columns: dict[str, Any]
) -> None:
    generation_id = put_off(seconds, **columns)
    assert not ended_or_given_up(generation_id)
    assert not found(generation_id).status.ended


@ON_SQLITE
def test_what_has_ended_or_is_gone_is_not_waited_for(context: Flask) -> None:
    assert ended_or_given_up(generation(status="cancelled").id)
    assert ended_or_given_up("gone")
