"""Generations that are cancelled, and those that are tried again."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.errors import Conflict, InvalidInput, NotFound
from app.extensions import db
from app.models import Generation, Image, Role, Status
from app.models.forgetting import FORGOTTEN
from app.providers.base import ProviderFailed
from app.services.generation_changes import cancel_generation, retry_generation
from app.services.generation_request import GenerationRequest
from app.services.idempotency import once
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.templates import save_template
from app.services.turn import Turn
from tests.fakes.jobs import install_jobs
from tests.fakes.providers import FakeChoice, drawn, install
from tests.models.samples import ON_SQLITE, generation, kept_image
from tests.pictures import picture

ENDED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
ASKED = {
    "prompt": "A fox", "n": 2, "aspect_ratio": "16:9", "size": "512", "seed": 7,
    "template": "oil", "variables": {"mood": "blue"}, "project": "spring",
}  # fmt: skip


def service() -> ImageGeneratorService:
    return ImageGeneratorService()


def images() -> int:
    return db.session.scalar(select(func.count()).select_from(Image)) or 0


def test_one_that_waits_is_never_drawn(context: Flask) -> None:
    provider = install(context)
    waiting = service().submit(GenerationRequest("A fox"))
    cancelled = cancel_generation(waiting.id)
    assert (cancelled.status, cancelled.cost_microusd, cancelled.lease_until) == (
        "cancelled",
        0,
        None,
    )
    assert cancelled.finished_at is not None
    assert service().run(waiting.id).status == "cancelled"
    assert (provider.requests, images()) == ([], 0)


def test_one_that_is_being_drawn_gets_no_image_afterwards(context: Flask) -> None:
    running = service().submit(GenerationRequest("A fox", n=3)).id

    def cancel_meanwhile() -> bytes:
        cancel_generation(running)
        return picture()

    provider = install(context, drawn(picture(), cost_microusd=5), cancel_meanwhile)
    ended = service().run(running)
    assert (ended.status, ended.done, len(ended.images), ended.cost_microusd) == (
        "cancelled",
        1,
        1,
        5,
    )
    assert (len(provider.requests), images()) == (2, 1)


@ON_SQLITE
@pytest.mark.parametrize("status", ENDED)
def test_one_that_has_ended_cannot_be_cancelled(context: Flask, status: Status) -> None:
    row = generation(status=status, cost_microusd=5)
    with pytest.raises(Conflict, match=f"it is {status}"):
        cancel_generation(row.id)
    db.session.expire_all()
    assert (row.status, row.cost_microusd, row.finished_at) == (status, 5, None)


def test_one_that_is_not_there_can_neither_be_cancelled_nor_tried_again(context: Flask) -> None:
    for change in (cancel_generation, retry_generation):
        with pytest.raises(NotFound):
            change("01M815CQ1FAEJKVBR6DN9XG2A2")


@ON_SQLITE
def test_the_job_is_told_of_a_cancellation_only_once(context: Flask) -> None:
    jobs = install_jobs(context)
    row = generation(job="a job")
    cancel_generation(row.id)
    with pytest.raises(Conflict):
        cancel_generation(row.id)
    assert jobs.cancelled == ["a job"]


def test_a_failed_one_is_tried_again_as_it_was(context: Flask) -> None:
    save_template("oil", "{user_input}, in {mood} oil")
    provider = install(context, ProviderFailed("Down."), picture())
    parent = kept_image()
    asked = GenerationRequest(**ASKED, input_images=(parent.id,))
    failed = service().generate(asked)
    assert failed.status == "failed"
    save_template("oil", "{user_input}, in thick oil of {mood}")
    key = create_key("Ada", Role.CREATOR)[0]
    again = retry_generation(failed.id, key.id)
    assert (again.status, again.retry_of, again.api_key_id) == ("queued", failed.id, key.id)
    assert (again.id > failed.id, again.prompt_id) == (True, failed.prompt_id)
    assert {name: getattr(again, name) for name in ASKED} == ASKED
    assert (again.final_prompt, again.template_version) == ("A fox, in blue oil", 1)
    ended = service().run(again.id, Turn(again.job, "a worker"))
    assert [row.parent_id for image in ended.images for row in image.parent_rows] == [parent.id] * 2
    assert {request.prompt for request in provider.requests} == {"A fox, in blue oil"}
    assert service().get(failed.id).status == "failed"


def test_a_retry_that_is_sent_twice_is_made_once(context: Flask) -> None:
    key = create_key("Ada", Role.CREATOR)[0].id
    row = generation(status=Status.CANCELLED)
    wanted = once(key, "one", f"retry {row.id}")
    assert retry_generation(row.id, key, wanted).id == retry_generation(row.id, key, wanted).id
    assert db.session.scalar(select(func.count()).select_from(Generation)) == 2


@ON_SQLITE
@pytest.mark.parametrize(
    "columns",
    [
        {"status": Status.QUEUED},
        {"status": Status.RUNNING},
        {"status": Status.SUCCEEDED},
        {"status": Status.FAILED, "prompt": FORGOTTEN, "final_prompt": FORGOTTEN},
    ],
)
def test_what_goes_on_or_went_well_or_was_forgotten_is_not_tried_again(
    context: Flask, columns: dict[str, str]
) -> None:
    row = generation(**columns)
    with pytest.raises(Conflict):
        retry_generation(row.id)


@ON_SQLITE
def test_what_can_be_had_no_longer_is_not_tried_again(context: Flask) -> None:
    elsewhere = generation(status=Status.FAILED, provider="gemini", model="gemini-3-pro-image")
    context.extensions["providers"] = FakeChoice(
        context.config["SETTINGS"].model_copy(update={"provider": "sketch"}), install(context)
    )
    with pytest.raises(InvalidInput, match="a model of gemini"):
        retry_generation(elsewhere.id)
    purged = generation(status=Status.FAILED, input_images=[7])
    with pytest.raises(NotFound, match="no image 7"):
        retry_generation(purged.id)
