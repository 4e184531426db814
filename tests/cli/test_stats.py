"""`manage.py stats`."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.extensions import db
from app.models import Status
from app.models.reporting.rebuild import rebuild
from app.models.types import utc_now
from app.services.budgets import reserve
from tests.cli.conftest import Run
from tests.models.samples import deleted_image, generation, kept_image


@pytest.fixture
def serves() -> bool:
    """Commands need no routes."""
    return False


def test_it_counts_what_there_is(run: Run, app: Flask) -> None:
    with app.app_context():
        kept_image("A fox", generation_id=generation(status=Status.SUCCEEDED).id, ordinal=0)
        kept_image("A hare")
        deleted_image("A hare")
        generation(status=Status.FAILED)
        reserve([1_500_000], None, utc_now())
        generation()
        generation(status=Status.SUCCEEDED, provider="demo", cost_microusd=40_000)
        rebuild(db.session.connection())
        db.session.commit()
    found = json.loads(run("stats", "--json").stdout)
    assert (found["images"], found["images_deleted"], found["prompts"]) == (2, 1, 2)
    assert {
        name.removeprefix("generations_"): number
        for name, number in found.items()
        if name.startswith("generations_") and number
    } == {"queued": 1, "failed": 1, "succeeded": 2}
    assert found["first_image_at"] < found["last_image_at"]
    assert found["month_reserved_usd"] == 1.5
    assert found["month_cost_usd"] == 0.04  # as reports tell it, and not the budgets
    assert (found["workers"], found["keys"], found["batches"]) == (0, 0, 0)
    assert 0 < found["picture_bytes"] < found["database_bytes"]
    assert " MB" in run("stats").stdout or " kB" in run("stats").stdout
