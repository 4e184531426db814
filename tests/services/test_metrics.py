"""Metrics: counted where they happen, told by whoever is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, update

from app import __version__
from app.extensions import db
from app.models import Generation, Worker
from app.models.types import utc_now
from app.providers import base
from app.services.endings import end_generations
from app.services.generation_changes import cancel_generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.metrics import render
from app.services.turn import Turn
from tests.fakes.providers import drawn, install
from tests.models.samples import generation
from tests.pictures import picture

OF_SKETCH = {"provider": "sketch", "model": "sketch-1"}


def samples() -> dict[str, list[tuple[dict[str, str], float]]]:
    """Return what is told, parsed: labels and values by name."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(render().decode()):
        assert family.documentation, family.name
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def enqueue(n: int = 1) -> Generation:
    return ImageGeneratorService().enqueue(GenerationRequest("A fox", n=n))


def run(row: Generation) -> Generation:
    db.session.refresh(row)
    turn = Turn(row.job, "a worker")
    db.session.commit()
    return ImageGeneratorService().run(row.id, turn)


def test_where_nothing_happened_it_tells_so(context: Flask) -> None:
    found = samples()
    assert found["proofsheet_build_info"] == [({"version": __version__}, 1.0)]
    assert found["proofsheet_workers"] == [({}, 0.0)]
    assert found["proofsheet_queue_oldest_seconds"] == [({}, 0.0)]
    assert "proofsheet_generations_total" not in found
    assert found["process_start_time_seconds"][0][1] > 0


def test_generations_are_counted_by_outcome(context: Flask) -> None:
    install(
        context,
        *(drawn(picture(), cost_microusd=39_000) for _ in range(2)),
        base.RateLimited("Later."),
        base.ContentBlocked("No."),
    )
    run(enqueue(n=2))
    refused = enqueue()
    run(refused)
    run(refused)
    cancel_generation(enqueue().id)
    found = samples()
    assert found["proofsheet_generations_total"] == [
        ({**OF_SKETCH, "outcome": outcome}, 1.0) for outcome in ("cancelled", "failed", "succeeded")
    ]
    assert found["proofsheet_generation_errors_total"] == [
        ({**OF_SKETCH, "code": "content_blocked"}, 1.0)
    ]
    assert found["proofsheet_images_total"] == [(OF_SKETCH, 2.0)]
    assert found["proofsheet_cost_dollars_total"] == [(OF_SKETCH, pytest.approx(0.078))]
    assert found["proofsheet_provider_errors_total"] == [
        ({**OF_SKETCH, "code": code}, 1.0) for code in ("content_blocked", "rate_limited")
    ]
    assert found["proofsheet_provider_call_seconds_count"] == [(OF_SKETCH, 4.0)]
    assert found["proofsheet_generation_queue_seconds_count"] == [(OF_SKETCH, 2.0)]
    assert found["proofsheet_generation_duration_seconds_count"] == [(OF_SKETCH, 2.0)]


def test_durations_fall_into_buckets_that_hold_those_below(context: Flask) -> None:
    now = utc_now()
    for queued, ran in ((0.05, 4), (0.2, 12), (100_000, 100_000)):
        row = generation(
            status="running",
            created_at=now - timedelta(seconds=queued),
            started_at=now,
            lease_until=now,
        )
        end_generations(
            Generation.id == row.id, status="failed", finished_at=now + timedelta(seconds=ran)
        )
        db.session.commit()
    found = samples()
    queue = buckets(found["proofsheet_generation_queue_seconds_bucket"])
    assert (queue["0.1"], queue["0.25"], queue["14400"], queue["+Inf"]) == (1, 2, 2, 3)
    duration = buckets(found["proofsheet_generation_duration_seconds_bucket"])
    assert (duration["2.5"], duration["5"], duration["15"], duration["+Inf"]) == (0, 1, 2, 3)
    [(_, total)] = found["proofsheet_generation_duration_seconds_sum"]
    assert total == pytest.approx(100_016)


def buckets(found: list[tuple[dict[str, str], float]]) -> dict[str, float]:
    return {labels["le"]: value for labels, value in found}


def test_what_waits_and_runs_is_told_by_model(context: Flask) -> None:
    for _ in range(2):
        enqueue()
    old = utc_now() - timedelta(minutes=5)
    db.session.execute(update(Generation).values(created_at=old))
    generation(status="running", provider="gemini", model="gemini-x")
    found = samples()
    assert found["proofsheet_generations_queued"] == [(OF_SKETCH, 2.0)]
    gemini = {"provider": "gemini", "model": "gemini-x"}
    assert found["proofsheet_generations_running"] == [(gemini, 1.0)]
    assert 300 <= found["proofsheet_queue_oldest_seconds"][0][1] < 600


def test_a_worker_that_is_silent_is_not_counted_as_alive(context: Flask) -> None:
    now = utc_now()
    for name, silent in (("here", 1), ("gone", 100)):
        seen = now - timedelta(seconds=silent)
        db.session.add(Worker(name=name, token=name, seen_at=seen))
    db.session.commit()
    found = samples()
    assert found["proofsheet_workers"] == [({}, 1.0)]
    [gone, here] = found["proofsheet_worker_heartbeat_age_seconds"]
    assert (gone[0], here[0]) == ({"worker": "gone"}, {"worker": "here"})
    assert 100 <= gone[1] < 120
    assert here[1] < 20


def test_the_database_is_measured_in_statements_and_seconds(context: Flask) -> None:
    first = samples()
    second = samples()
    for name in ("proofsheet_database_statements_total", "proofsheet_database_seconds_total"):
        [(labels, before)], [(_, after)] = first[name], second[name]
        assert labels["process"].isdigit()
        assert after > before > 0


def test_of_a_million_generations_none_that_ended_is_read(context: Flask) -> None:
    read: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: read.append(args[2]))
    render()
    of_generations = [each for each in read if "FROM generations" in each]
    assert len(of_generations) == 1
    assert "generations.status IN" in of_generations[0]
    assert len(read) <= 4
