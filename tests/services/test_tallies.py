"""What is counted in the database, for metrics."""

from __future__ import annotations

from flask import Flask

from app.extensions import db
from app.models import Generation
from app.models.tally import Key, tallies
from app.services.endings import end_generations
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.tallies import BOUNDS, CALL, QUEUE, RUN, Sums


def test_a_model_that_the_catalog_does_not_know_is_counted_with_others(context: Flask) -> None:
    sums = Sums()
    sums.count("generations", "gemini", "made-up", "failed")
    sums.time(CALL, "gemini", "made-up-too", 1)
    assert {key.model for key in sums} == {"other"}


def test_no_duration_is_below_nothing_and_one_on_a_bound_is_within(context: Flask) -> None:
    sums = Sums()
    sums.time(QUEUE, "sketch", "sketch-1", -3)
    sums.time(RUN, "sketch", "sketch-1", BOUNDS[RUN][1])
    assert sums == {
        Key(QUEUE, "sketch", "sketch-1", "0.1"): (1, 0.0),
        Key(RUN, "sketch", "sketch-1", "0.5"): (1, 0.5),
    }


def test_ends_that_are_not_committed_are_not_counted(context: Flask) -> None:
    row = ImageGeneratorService().enqueue(GenerationRequest("A fox"))
    end_generations(Generation.id == row.id, status="cancelled")
    db.session.rollback()
    assert tallies() == []
