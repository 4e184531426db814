"""ImageGeneratorService: what is recorded, what is kept, and what becomes of a failure."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app import imaging
from app.errors import (
    GenerationFailed,
    InvalidInput,
    InvalidPrompt,
    InvalidTemplate,
    NotFound,
    ProofsheetError,
    ProviderNotConfigured,
)
from app.extensions import db
from app.models import Generation, Role, Status
from app.models.image_manager import ImageDetails, ImageManager
from app.models.types import utc_now
from app.providers import base
from app.services.generation_outcome import raise_if_failed
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.templates import save_template
from config import Settings
from tests.fakes.providers import FakeChoice, FakeProvider, drawn, install
from tests.models.samples import ON_SQLITE, app_with, generation
from tests.pictures import picture

ASKED = GenerationRequest("A fox")
THREE = GenerationRequest("A fox", n=3)


def service() -> ImageGeneratorService:
    """Return the service, made anew as every request makes it."""
    return ImageGeneratorService()


def seen_elsewhere(statement: str) -> object:
    """Return what another connection sees."""
    with db.engine.connect() as connection:
        return connection.scalar(text(statement))


def recorded() -> int:
    """Return how many generations were recorded and committed."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Generation)) or 0


# From the words to the picture


def test_a_prompt_becomes_a_base64_jpeg(context: Flask) -> None:
    install(context, picture("PNG"))
    data = b64decode(service().generate_image("A fox"), validate=True)
    assert imaging.sniff(data) == "image/jpeg"


def test_the_picture_is_kept_with_its_prompt(context: Flask) -> None:
    install(context, picture("JPEG"))
    shown = service().generate_image(" A fox\r\n")
    db.session.rollback()
    (entry,) = ImageManager().get_images()
    assert (entry["prompt"], entry["image_base64"]) == ("A fox", shown)


@ON_SQLITE
def test_the_app_s_own_parts_can_be_replaced(context: Flask) -> None:
    provider = FakeProvider()
    choice = FakeChoice(context.config["SETTINGS"], provider)
    own = ImageGeneratorService(image_manager=ImageManager(), providers=choice)
    assert own.generate(ASKED).status == "succeeded"
    assert [request.prompt for request in provider.requests] == ["A fox"]


def test_the_users_own_words_and_the_final_prompt_are_both_kept(context: Flask) -> None:
    provider = install(context)
    save_template("oil", "{user_input}, in {mood} oil")
    save_template("oil", "{user_input}, in {mood} oils")
    wanted = GenerationRequest(" A {fox} ", template="oil", variables={"mood": "blue"})
    row = service().generate(wanted)
    assert (row.prompt, row.final_prompt) == ("A {fox}", "A {fox}, in blue oils")
    assert (row.template, row.template_version, row.variables) == ("oil", 2, {"mood": "blue"})
    assert [image.prompt for image in row.images] == ["A {fox}, in blue oils"]
    assert provider.requests[0].prompt == "A {fox}, in blue oils"


def test_a_success_is_recorded_in_full(context: Flask) -> None:
    install(context, drawn(picture(), cost_microusd=33_600, seed=8, usage={"image_tokens": 1_120}))
    key = create_key("Ada", Role.CREATOR)[0]
    wanted = GenerationRequest(
        "A fox", aspect_ratio="16:9", size="2K", seed=7, project="spring", model="sketch-1"
    )
    row = service().generate(wanted, key.id)
    assert (row.status, row.done, row.attempts, row.error_code) == ("succeeded", 1, 1, None)
    assert (row.provider, row.model, row.aspect_ratio, row.size) == (
        "sketch",
        "sketch-1",
        "16:9",
        "2K",
    )
    assert (row.seed, row.project, row.cost_microusd, row.lease_until) == (
        7,
        "spring",
        33_600,
        None,
    )
    assert row.started_at is not None
    assert row.finished_at is not None
    assert row.created_at <= row.started_at <= row.finished_at
    image = row.images[0]
    assert (image.seed, image.ordinal, image.project, image.source) == (8, 0, "spring", "generated")
    assert (image.aspect_ratio, image.size, image.cost_microusd) == ("16:9", "2K", 33_600)
    assert (image.provider, image.model, image.api_key_id) == ("sketch", "sketch-1", key.id)
    assert image.latency_ms is not None
    assert image.usage == {"image_tokens": 1_120}


@ON_SQLITE
def test_a_request_is_resolved_for_the_provider(context: Flask) -> None:
    provider = install(context)
    service().generate(GenerationRequest("A fox", n=2, seed=7))
    expected = [
        base.ImageRequest("A fox", "sketch-1", "1:1", "1K", seed=7, ordinal=ordinal)
        for ordinal in (0, 1)
    ]
    assert provider.requests == expected


@ON_SQLITE
@pytest.mark.parametrize(
    ("kept_as", "mime_type"),
    [("original", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp")],
)
def test_pictures_are_kept_as_the_settings_say(
    settings: Settings, kept_as: str, mime_type: str
) -> None:
    with app_with(settings, image_format=kept_as) as app:
        install(app, picture("PNG"))
        assert service().generate(ASKED).images[0].mime_type == mime_type


# What is refused


@ON_SQLITE
@pytest.mark.parametrize(
    ("wanted", "error", "field"),
    [
        ({"prompt": " "}, InvalidPrompt, "prompt"),
        ({"prompt": "a\0"}, InvalidPrompt, "prompt"),
        ({"prompt": "x" * 20_001}, InvalidPrompt, "prompt"),
        ({"n": 0}, InvalidInput, "n"),
        ({"n": -1}, InvalidInput, "n"),
        ({"n": 11}, InvalidInput, "n"),
        ({"seed": -1}, InvalidInput, "seed"),
        ({"seed": 2**31}, InvalidInput, "seed"),
        ({"aspect_ratio": "17:9"}, InvalidInput, "aspect_ratio"),
        ({"aspect_ratio": ""}, InvalidInput, "aspect_ratio"),
        ({"size": "8K"}, InvalidInput, "size"),
        ({"model": "gemini-3-pro-image"}, InvalidInput, "model"),
        ({"model": "sketch-9"}, base.ModelNotFound, None),
        ({"model": "../sketch\0"}, base.ModelNotFound, None),
        ({"template": "nowhere"}, NotFound, None),
        ({"template": "\0"}, NotFound, None),
        ({"variables": {"mood": "blue"}}, InvalidTemplate, "variables"),
        ({"project": ""}, InvalidInput, "project"),
        ({"project": "x" * 101}, InvalidInput, "project"),
        ({"project": "a\0b"}, InvalidInput, "project"),
        ({"project": "\ud800"}, InvalidInput, "project"),
    ],
)
def test_what_cannot_be_done_is_refused_and_not_recorded(
    context: Flask, wanted: dict[str, object], error: type[ProofsheetError], field: str | None
) -> None:
    provider = install(context)
    with pytest.raises(error) as caught:
        service().submit(GenerationRequest(**{"prompt": "A fox", **wanted}))  # type: ignore[arg-type]
    assert getattr(caught.value, "field", None) == field
    assert recorded() == len(provider.requests) == 0


@ON_SQLITE
def test_without_a_provider_nothing_is_recorded(settings: Settings) -> None:
    with app_with(settings, provider="gemini"):
        with pytest.raises(ProviderNotConfigured):
            service().submit(ASKED)
        assert recorded() == 0


@ON_SQLITE
@pytest.mark.parametrize(
    "wanted",
    [{"n": 10}, {"seed": 0}, {"seed": 2**31 - 1}, {"project": "x" * 100}, {"prompt": "x" * 20_000}],
)
def test_what_is_at_a_bound_is_recorded(context: Flask, wanted: dict[str, object]) -> None:
    row = service().submit(GenerationRequest(**{"prompt": "A fox", **wanted}))  # type: ignore[arg-type]
    assert (row.status, recorded()) == ("queued", 1)


def test_a_generation_that_is_not_there_is_not_found(context: Flask) -> None:
    for generation_id in ("", "none", "0" * 26, "a\0", "\ud800", "x" * 10_000):
        with pytest.raises(NotFound, match="no generation"):
            service().get(generation_id)
        db.session.rollback()


# Failures


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (base.ContentBlocked("No.", reason="SAFETY"), "content_blocked", False),
        (base.RateLimited("Later.", retry_after=1.2), "rate_limited", True),
        (base.QuotaExhausted("Used up."), "quota_exhausted", False),
        (base.ProviderUnavailable("Down."), "provider_unavailable", True),
        (base.ProviderTimeout("Slow.", may_be_billed=True), "provider_timeout", False),
        (base.ProviderError("Odd."), "provider_error", False),
    ],
)
def test_a_failure_is_recorded_with_its_reason(
    context: Flask, error: base.ProviderError, code: str, retryable: bool
) -> None:
    install(context, error)
    row = service().generate(ASKED)
    assert (row.status, row.error_code, row.error_message) == ("failed", code, str(error))
    assert (row.error_reason, row.error_retryable) == (error.reason, retryable)
    assert row.error_retry_after == (2 if error.retry_after else None)
    assert row.cost_microusd == (None if error.may_be_billed else 0)
    assert (row.images, row.lease_until, row.done) == ([], None, 0)
    assert row.finished_at is not None


def test_what_no_database_takes_is_left_out_of_a_providers_words(context: Flask) -> None:
    words = "quota \0 gone \ud800"
    install(context, base.RateLimited(words, reason="A\0", retry_after=float("inf")))
    row = service().generate(ASKED)
    assert (row.error_code, row.error_message) == ("rate_limited", "quota  gone ?")
    assert (row.error_reason, row.error_retry_after) == ("A", 7 * 24 * 3600)


def test_a_failure_is_raised_with_its_reason_where_a_picture_was_promised(context: Flask) -> None:
    install(context, base.ContentBlocked("Not this.", reason="SAFETY", retry_after=3))
    with pytest.raises(GenerationFailed, match=r"Not this\.") as caught:
        service().generate_image("A fox")
    assert (caught.value.code, caught.value.reason) == ("content_blocked", "SAFETY")
    assert caught.value.retry_after == 3
    assert service().get(caught.value.generation_id).status == "failed"


def test_a_failure_without_words_is_still_told() -> None:
    with pytest.raises(GenerationFailed, match="The generation failed") as caught:
        raise_if_failed(Generation(id="G", status=Status.FAILED))
    assert caught.value.code == "error"


@ON_SQLITE
@pytest.mark.parametrize("data", [b"", b"<html>Busy</html>", picture("PNG")[:80], picture("BMP")])
def test_bytes_that_are_no_picture_are_a_bad_answer(context: Flask, data: bytes) -> None:
    install(context, data)
    row = service().generate(ASKED)
    assert (row.status, row.error_code, row.images) == ("failed", "provider_bad_answer", [])
    assert row.cost_microusd is None, "the provider may have billed it"


def test_two_of_three_are_kept_and_the_third_is_told(context: Flask) -> None:
    install(context, picture(), base.ContentBlocked("No.", reason="SAFETY"), picture("JPEG"))
    row = service().generate(THREE)
    assert (row.status, row.done, [image.ordinal for image in row.images]) == (
        "succeeded",
        2,
        [0, 2],
    )
    assert (row.error_code, row.error_reason) == ("content_blocked", "SAFETY")
    raise_if_failed(row)


def test_after_a_failure_that_concerns_all_the_rest_is_not_tried(context: Flask) -> None:
    provider = install(context, picture(), base.QuotaExhausted("Used up."))
    row = service().generate(THREE)
    assert (row.status, row.done, row.error_code) == ("succeeded", 1, "quota_exhausted")
    assert len(provider.requests) == 2


@ON_SQLITE
def test_a_provider_that_lost_its_key_meanwhile_is_a_failure(settings: Settings) -> None:
    with app_with(settings, provider="gemini", gemini_api_key="x"):
        generation_id = service().submit(ASKED).id
    with app_with(settings):
        row = service().run(generation_id)
    assert (row.status, row.error_code) == ("failed", "provider_not_configured")
    assert row.error_retryable is False


def test_a_fault_of_our_own_is_recorded_and_raised(context: Flask) -> None:
    install(context, picture(), RuntimeError("secret detail"))
    generation_id = service().submit(THREE).id
    with pytest.raises(RuntimeError, match="secret detail"):
        service().run(generation_id)
    row = service().get(generation_id)
    assert (row.status, row.done, row.error_code) == ("succeeded", 1, "internal")
    assert "secret" not in str(row.error_message)


def test_a_fault_before_the_first_picture_is_a_failure(context: Flask) -> None:
    install(context, RuntimeError("broken"))
    with pytest.raises(RuntimeError):
        service().generate(ASKED)
    row = db.session.scalars(select(Generation)).one()
    assert (row.status, row.error_code, row.lease_until) == ("failed", "internal", None)
    assert row.cost_microusd is None, "nobody knows what the provider billed"


def test_ctrl_c_ends_the_generation_as_interrupted(context: Flask) -> None:
    install(context, picture(), KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        service().generate(THREE)
    row = db.session.scalars(select(Generation)).one()
    assert (row.error_code, row.done, len(row.images)) == ("interrupted", 1, 1)
    assert (row.lease_until, row.cost_microusd) == (None, None)


# Costs


@pytest.mark.parametrize(
    ("costs", "expected"),
    [((33_600, 33_600, 1), 67_201), ((0, 0, 0), 0), ((33_600, None, 1), None), ((None,) * 3, None)],
)
def test_costs_are_summed_and_unknown_stays_unknown(
    context: Flask, costs: tuple[int | None, ...], expected: int | None
) -> None:
    install(context, *(drawn(picture(), cost_microusd=cost) for cost in costs))
    assert service().generate(THREE).cost_microusd == expected


@ON_SQLITE
@pytest.mark.parametrize("billed_first", [True, False])
def test_a_picture_that_may_have_been_billed_makes_the_cost_unknown(
    context: Flask, billed_first: bool
) -> None:
    errors = [base.ProviderBadAnswer("Cut.", may_be_billed=True), base.ContentBlocked("No.")]
    install(context, *(errors if billed_first else errors[::-1]), picture())
    row = service().generate(THREE)
    assert (row.done, row.cost_microusd) == (1, None)


# While a provider draws


def test_every_picture_is_committed_as_it_arrives(context: Flask) -> None:
    seen: list[object] = []

    def look() -> bytes:
        seen.append(seen_elsewhere("SELECT count(*) FROM image_blobs"))
        seen.append(seen_elsewhere("SELECT done FROM generations"))
        return picture()

    install(context, look)
    service().generate(THREE)
    assert seen == [0, 0, 1, 1, 2, 2]


def test_no_transaction_and_no_connection_is_held_meanwhile(context: Flask) -> None:
    held: list[object] = []

    def look() -> bytes:
        held.append(db.session().in_transaction())
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return picture()

    install(context, look)
    service().generate(GenerationRequest("A fox", n=2))
    assert held == [False, 0] * 2


def test_it_is_running_under_a_lease_meanwhile(context: Flask) -> None:
    seen: list[Generation] = []

    def look() -> bytes:
        with db.Session(db.engine) as session:
            seen.append(session.scalars(select(Generation)).one())
        return picture()

    install(context, look)
    service().generate(GenerationRequest("A fox", n=2))
    assert [row.status for row in seen] == ["running"] * 2
    first, second = (row.lease_until for row in seen)
    assert first is not None
    assert second is not None
    assert utc_now() + timedelta(seconds=170) < first < second < utc_now() + timedelta(seconds=181)


def elsewhere(**values: object) -> None:
    """Change every generation from another connection."""
    with db.engine.begin() as connection:
        connection.execute(update(Generation).values(**values))


def while_drawing(change: Callable[[], object]) -> Callable[[], bytes]:
    """Return a provider's turn during which something happens elsewhere."""

    def draw() -> bytes:
        change()
        return picture()

    return draw


def cancel() -> None:
    elsewhere(status=Status.CANCELLED, finished_at=utc_now(), lease_until=None)


def test_a_picture_that_arrives_after_a_cancel_is_not_kept(context: Flask) -> None:
    provider = install(context, picture(), while_drawing(cancel))
    row = service().generate(THREE)
    assert (row.status, row.done, len(row.images), len(provider.requests)) == ("cancelled", 1, 1, 2)
    assert row.error_code is None


def test_a_failure_after_a_cancel_changes_nothing(context: Flask) -> None:
    def fail() -> bytes:
        cancel()
        raise base.RateLimited("Later.")

    install(context, fail)
    row = service().generate(ASKED)
    assert (row.status, row.error_code) == ("cancelled", None)


def test_a_promised_picture_that_was_cancelled_is_told_so(context: Flask) -> None:
    install(context, while_drawing(cancel))
    with pytest.raises(GenerationFailed, match="cancelled") as caught:
        service().generate_image("A fox")
    assert caught.value.code == "cancelled"


# Runs that are repeated


@ON_SQLITE
def test_what_has_ended_is_not_run_again(context: Flask) -> None:
    provider = install(context)
    row = service().generate(ASKED)
    assert service().run(row.id).attempts == 1
    assert len(provider.requests) == 1


def test_what_another_runs_is_left_alone(context: Flask) -> None:
    provider = install(context)
    row = generation(status="running", lease_until=utc_now() + timedelta(minutes=1))
    assert service().run(row.id).status == "running"
    assert provider.requests == []


def test_what_is_not_there_cannot_be_run(context: Flask) -> None:
    with pytest.raises(NotFound):
        service().run("0" * 26)


def test_a_repeated_run_draws_only_what_is_missing(context: Flask) -> None:
    install(context, picture(), base.RateLimited("Later."))
    generation_id = service().generate(THREE).id
    elsewhere(status=Status.QUEUED, finished_at=None)
    provider = install(context)
    row = service().run(generation_id)
    assert [request.ordinal for request in provider.requests] == [1, 2]
    assert (row.status, row.attempts, row.done, len(row.images)) == ("succeeded", 2, 3, 3)
    assert (row.error_code, row.error_message, row.error_retryable) == (None, None, None)


@pytest.mark.parametrize("done", [0, 1])
def test_a_picture_that_another_run_has_kept_is_not_kept_twice(context: Flask, done: int) -> None:
    def another_run() -> None:
        with context.app_context():
            details = ImageDetails(generation_id=generation_id, ordinal=0, cost_microusd=5)
            ImageManager().store("A fox", imaging.prepare(picture()), details)
            db.session.execute(update(Generation).values(done=done))
            db.session.commit()

    install(context, while_drawing(another_run))
    generation_id = service().submit(ASKED).id
    row = service().run(generation_id)
    assert (row.status, len(row.images), row.images[0].cost_microusd) == ("succeeded", 1, 5)


def test_a_picture_that_cannot_be_kept_is_no_silent_loss(context: Flask) -> None:
    install(context, drawn(picture(), cost_microusd=-1))
    with pytest.raises(Exception, match="cost_microusd"):
        service().generate(ASKED)
    row = db.session.scalars(select(Generation)).one()
    assert (row.status, row.error_code) == ("failed", "internal")


# Leases


@pytest.mark.parametrize(
    ("status", "provider", "cost"),
    [("queued", "gemini", 0), ("running", "sketch", 0), ("running", "gemini", None)],
)
def test_a_lease_that_ran_out_ends_the_generation(
    context: Flask, status: str, provider: str, cost: int | None
) -> None:
    late = utc_now() - timedelta(seconds=1)
    row = generation(status=status, provider=provider, lease_until=late)
    assert service().fail_interrupted() == 1
    assert service().fail_interrupted() == 0
    found = service().get(row.id)
    assert (found.status, found.error_code, found.lease_until) == ("failed", "interrupted", None)
    assert (found.error_retryable, found.cost_microusd) == (False, cost)
    assert found.finished_at is not None


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_live_lease_is_left_alone(context: Flask, status: str) -> None:
    row = generation(status=status, lease_until=utc_now() + timedelta(seconds=30))
    assert service().fail_interrupted() == 0
    assert service().get(row.id).status == status


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_what_has_ended_is_never_interrupted(context: Flask, status: str) -> None:
    row = generation(status=status, lease_until=utc_now() - timedelta(days=1))
    assert service().fail_interrupted() == 0
    assert service().get(row.id).status == status


def test_a_look_at_a_generation_ends_it_when_its_runner_died(context: Flask) -> None:
    row = generation(status="running", lease_until=utc_now() - timedelta(seconds=1))
    assert service().get(row.id).status == "failed"


def test_a_picture_that_comes_after_the_lease_ran_out_is_not_kept(context: Flask) -> None:
    def expire() -> None:
        elsewhere(lease_until=utc_now() - timedelta(seconds=1))
        with context.app_context():
            assert service().fail_interrupted() == 1

    install(context, while_drawing(expire))
    row = service().generate(ASKED)
    assert (row.status, row.error_code, row.images) == ("failed", "interrupted", [])


def test_a_queued_generation_has_a_lease(context: Flask) -> None:
    row = service().submit(ASKED)
    assert row.lease_until is not None
    assert row.lease_until > utc_now() + timedelta(seconds=50)
