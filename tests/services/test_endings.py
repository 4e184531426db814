"""How a generation ends: its cost is that of its pictures, and not known where more may be billed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Status
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from tests.models.samples import generation, kept_image


@pytest.mark.parametrize(
    ("columns", "costs", "expected"),
    [
        ({"status": "queued"}, [], 0),
        ({"status": "queued", "done": 2}, [5, 7], 12),
        ({"status": "queued", "done": 2}, [5, None], None),
        ({"status": "queued", "done": 2}, [5], None),  # the other one was purged meanwhile
        ({"status": "queued", "done": 1, "may_be_billed": True}, [5], None),
        ({"status": "running", "done": 1}, [5], None),
        ({"status": "running", "done": 1, "provider": "sketch"}, [5], 5),
    ],
)
def test_the_cost_is_told_alike_however_it_ends(
    context: Flask, columns: dict[str, Any], costs: list[int | None], expected: int | None
) -> None:
    row = generation(**{"n": 3, "provider": "gemini", **columns})
    for ordinal, cost in enumerate(costs):
        kept_image(generation_id=row.id, ordinal=ordinal, cost_microusd=cost)
    other = generation(n=3, status="queued")
    kept_image(generation_id=other.id, ordinal=0, cost_microusd=1)
    [ended] = end_generations(type(row).id == row.id, status=BY_WHAT_THERE_IS)
    db.session.commit()
    assert ended.cost_microusd == expected
    assert ended.status == (Status.SUCCEEDED if costs else Status.FAILED)
